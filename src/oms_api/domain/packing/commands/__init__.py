"""Commands on boxes."""
