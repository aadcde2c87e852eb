"""Rules: the shop's own conditions about orders, in CEL, and their actions.

Invariants: the content of a version never changes; a channel's rulebook holds exactly the versions in force there.
"""
