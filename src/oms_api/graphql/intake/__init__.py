"""Documents that are to become orders, in the schema."""
