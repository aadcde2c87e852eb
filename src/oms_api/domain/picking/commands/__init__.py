"""What is done with bins."""
