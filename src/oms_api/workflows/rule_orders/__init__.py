"""Asking the rules of a channel about an order: what is read for them, the verdict, and what it writes beside the order.

Who places or edits orders says the facts (`place_order.ruled`, `edit_order.ruled`), and applies the verdict.
"""
