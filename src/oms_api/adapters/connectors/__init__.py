"""E-commerce platforms."""
