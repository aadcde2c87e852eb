"""SKUs in the schema."""
