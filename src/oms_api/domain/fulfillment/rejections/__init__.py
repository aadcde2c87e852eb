"""Work that locations rejected, and for which reason."""
