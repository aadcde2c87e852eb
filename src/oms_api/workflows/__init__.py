"""One file per use case that spans areas of the domain."""
