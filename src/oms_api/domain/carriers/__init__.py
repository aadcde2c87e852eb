"""Carriers: accounts with them, what they charge, the labels they sell, and what they tell of parcels on their way.

Invariants: a package has one open label at a time; nothing is bought of a carrier that no label row asked for first.
"""
