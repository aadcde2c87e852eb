"""Changing templates."""
