"""What can be done with stock counts."""
