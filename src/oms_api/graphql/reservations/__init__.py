"""Reservations in the schema."""
