"""Notes that the staff writes on orders, as they go."""
