"""Suppliers and purchase orders in the schema."""
