"""Where orders come from and goods lie: channels with their policies and listings, and locations.

Invariants: a channel serves from its own locations in order of priority; codes are unique; nothing is deleted, only
deactivated.
"""
