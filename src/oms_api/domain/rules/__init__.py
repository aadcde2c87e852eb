"""Rules: the shop's own conditions about orders, in CEL, and what is done where one holds.

Invariants: the content of a version never changes; a channel's rulebook holds exactly the versions in force there.
"""
