"""Fulfillment orders in the schema."""
