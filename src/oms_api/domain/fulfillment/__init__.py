"""What is promised from where, and the work it makes: allocations and fulfillment orders.

Invariants: an allocation's quantities add up; a level's committed units are its allocations that are allocated or in
fulfillment; a fulfillment order works at one location.
"""
