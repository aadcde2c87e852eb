"""Pickups in the schema."""
