"""Holding orders and fulfillment orders, alone or many at once, and releasing them."""
