"""Goods that come back: what was announced, what arrived, and what became of it.

A return, a refund and a restock are three documents: a return moves units of lines, a receipt moves stock, a refund money.
"""
