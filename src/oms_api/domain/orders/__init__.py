"""Orders, their lines and their money as agreed; from acceptance to cancellation.

Invariants: a line's quantities always add up to what was ordered; totals are sums of what is stored; an external reference is
used once in a channel; what shipped cannot be canceled.
"""
