"""Holds in the schema."""
