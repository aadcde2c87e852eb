"""What is done with orders and fulfillment orders by a verb of their header."""
