"""Refunds in the schema."""
