"""Long work in the schema."""
