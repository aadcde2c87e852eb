"""Stock counts in the schema."""
