"""Shipments in the schema."""
