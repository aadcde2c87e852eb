"""Returns in the schema."""
