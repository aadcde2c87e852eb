"""What speaks to the world outside: one folder per kind of partner, one per partner in it."""
