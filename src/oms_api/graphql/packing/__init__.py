"""Boxes, packages and packing in the schema."""
