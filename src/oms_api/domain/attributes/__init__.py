"""Attributes that merchants define for their own records: typed, checked, and found by an index."""
