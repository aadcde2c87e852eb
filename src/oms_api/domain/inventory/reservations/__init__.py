"""Stock held for checkouts until a deadline.

Invariants: a level's `reserved` is what the lines of reservations hold there; a reservation that ended holds nothing; an
overdue one keeps nothing from anybody, whether or not a job has expired it; each comes to one end, whoever asks for which.

Locks are taken in this order everywhere, so that nobody waits for somebody who waits for them:

    idempotency key > order > reservation header (by id) > levels (by SKU and location) > outbox

The header's lock covers its lines: whoever takes units from a line, also because they are missing, has locked its header first.
Whoever changes levels by several statements locks all of them by one statement, before the first (`endings.lock_levels_last`).
"""
