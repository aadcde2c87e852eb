"""Drafts of orders in the schema."""
