"""The API: one schema over the domain. Resolvers parse, make one call, and map."""
