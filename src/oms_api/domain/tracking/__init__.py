"""Parcels on their way: their promised days, their alerts, and the page for customers.

Invariants: a package is dated once it left, and once only; of each kind it has one open alert at most; what a customer is told
holds nothing of the customer.
"""
