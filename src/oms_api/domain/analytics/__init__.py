"""Sales by day and month, summed up as events tell of them, and the report over these sums.

Invariants: at every moment each sum is that of the immutable rows behind the events up to the checkpoint of the reaction
`sales` (lines as ordered, less what cancellations hold, what receipts hold of returns, concessions, fees and refunds), to the
minor unit; a channel's days are those of the time zone in `sales_zone`; sums over SKUs are the sums without SKUs.
"""
