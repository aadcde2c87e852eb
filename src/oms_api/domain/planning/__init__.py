"""What to order, what to move and what to worry about: forecasts, stocking levels, classes, ageing and alerts.

A plan is a snapshot of every level at one moment, computed from what is never rewritten (the ledger, and what backorders,
purchase orders and transfers keep of their past), so that any past day can be planned again.
"""
