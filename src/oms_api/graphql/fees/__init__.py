"""Fees that are kept, in the schema."""
