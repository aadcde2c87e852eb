"""Commands on orders and fulfillment orders by a verb of their header."""
