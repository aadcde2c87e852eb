"""Goods that are bought: suppliers, what they supply, purchase orders, and receipts of what came.

Receipts move stock; a line's received quantities are the sums of its receipts, and only its open quantity is incoming.
"""
