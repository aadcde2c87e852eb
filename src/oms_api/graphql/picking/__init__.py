"""Picking in the schema."""
