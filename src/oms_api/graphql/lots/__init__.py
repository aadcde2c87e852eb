"""Lots, for clients."""
