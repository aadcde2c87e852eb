"""Lots: units of one SKU that were made together, with the day they expire, and how many of them lie at which level.

Invariants: a level's lots hold what its movements with their codes brought and took, together no more than is on hand (units of
no lot are allowed); a lot lies only at levels of its SKU. Lots count what is on hand, whatever bucket it is in.
"""
