"""What is done with holds."""
