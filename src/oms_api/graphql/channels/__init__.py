"""Channels, listings and locations in the schema."""
