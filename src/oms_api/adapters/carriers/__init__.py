"""Carriers: one that is built in, and those that the extra `carriers` brings."""
