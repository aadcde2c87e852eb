"""Picking: where goods lie at a location, and batches of fulfillment orders that are picked in one round."""
