"""Stock held for checkouts until a deadline.

Invariants: a level's `reserved` is what the lines of reservations hold there; a reservation that ended holds nothing; an
overdue one keeps nothing from anybody, whether or not a job has expired it; each comes to one end, whoever asks for which.

The lock of the header covers its lines: whoever takes units from a line, also because they are missing, has locked its header
first. It comes before those of levels, in the one order of all locks (docs/ARCHITECTURE.md).
"""
