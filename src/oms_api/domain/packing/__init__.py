"""Packing: the boxes of a location, and which of them goods fit into."""
