"""Transfers in the schema."""
