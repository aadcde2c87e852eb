"""Orders in the schema."""
