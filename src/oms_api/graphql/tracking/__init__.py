"""Links for customers, alerts and promises in the schema."""
