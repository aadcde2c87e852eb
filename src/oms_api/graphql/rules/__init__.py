"""Rules in the schema."""
