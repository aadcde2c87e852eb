"""What can be promised to whom: levels beside those who wait for their units already, and reservations, which hold some.

Goods that come in belong to those who wait, from the moment they lie there.
"""
