"""How long a GraphQL document may be, apart from who reads it."""

LONGEST_DOCUMENT = 100_000
"""In characters: reading takes time for those between tokens and within strings, too."""
MOST_TOKENS = 3_200
"""Names, values, punctuators and comments; what is in variables does not count."""
