"""Commands on profiles, groups of locations and postal zones."""
