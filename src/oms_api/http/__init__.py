"""Everything the server answers over HTTP besides GraphQL itself."""
