"""What can be done with stock."""
