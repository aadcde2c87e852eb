"""Attributes in the schema."""
