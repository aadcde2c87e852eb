"""Requests to suppliers: their questions, answers, shipments and tracking."""
