"""What is done with rules."""
