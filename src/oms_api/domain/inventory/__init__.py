"""How much lies where, and why: levels with five buckets, and the append-only ledger that explains every unit.

Invariants: no bucket is ever negative; for each level and bucket, inflow less outflow of the ledger is the column; movements
of a level are numbered without gaps.
"""
