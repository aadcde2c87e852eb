"""Carriers: accounts with them, their prices, the labels they sell, and their reports on parcels.

Invariants: a package has one open label at a time; nothing is bought of a carrier that no label row asked for first.
"""
