"""What was changed of orders after they were placed: by whom, why, from what to what."""
