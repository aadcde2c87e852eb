"""Commands on holds."""
