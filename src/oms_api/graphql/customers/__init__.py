"""Customers in the schema."""
