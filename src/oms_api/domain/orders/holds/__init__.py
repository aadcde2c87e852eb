"""Holds: while one is active, nothing of its order or fulfillment order is picked or shipped, and its stock stays promised.

Invariants: an order or fulfillment order is on hold exactly while it has an active hold; a handle names one active hold of it.
"""
