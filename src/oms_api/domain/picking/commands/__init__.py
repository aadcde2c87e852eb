"""Commands on bins."""
