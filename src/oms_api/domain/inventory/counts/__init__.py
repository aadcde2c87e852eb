"""Counting what is there: sheets with a line for each SKU, compared with what was on hand when each was counted.

Invariants: a posted line's variance is what its movements come to, and they happened when it was counted, so that what happened
later survives; a line without variance has no movement and is marked.
"""
