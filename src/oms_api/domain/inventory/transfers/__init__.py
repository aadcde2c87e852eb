"""Goods on the way between two locations: planned, sent, and what became of every unit.

Invariants: for each line, in transit = sent - arrived - damaged - lost - brought back, never below zero, and equal to what the
ledger has in transit for it; each act (shipment, receipt, cancellation) has lines, and they cause the movements.
"""
