"""A headless order management system behind one GraphQL schema."""
