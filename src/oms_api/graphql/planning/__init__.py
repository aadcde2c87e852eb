"""Plans, suggestions and alerts in the schema."""
