"""What providers report of an order's money, and what we grant back.

Payment events only grow; transactions and balances are their fold, which does not depend on the order of arrival. What is
granted never exceeds what was captured less what went back: a trigger says so.
"""
