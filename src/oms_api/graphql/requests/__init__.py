"""Requests to suppliers."""
