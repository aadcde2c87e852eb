"""Goods that customers fetch: a fulfillment order waits at its location, and is handed over for a code.

Invariants: a fulfillment order has one pickup at most that is READY, and while it has, nothing else takes its units; only that
one has a code.
"""
