"""Who buys. What is personal lies in a table of its own, so that erasing a person leaves orders and totals as they are.

Invariants: an external reference is unique; guests are never merged by e-mail.
"""
