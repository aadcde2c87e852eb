"""What becomes of parcels on their way: the days they were promised for, the alerts they raise, and what customers are told.

Invariants: a package is dated once it left, and once only; of each kind it has one open alert at most; what a customer is told
holds nothing of the customer.
"""
