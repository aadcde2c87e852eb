"""Changing lots."""
