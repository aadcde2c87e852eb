"""Goods on their way: shipments, their packages and the contents.

Invariants: only what a fulfillment order promised leaves, from its location; a shipment's state is that of its packages.
"""
