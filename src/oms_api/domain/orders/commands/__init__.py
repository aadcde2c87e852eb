"""What is done with orders alone."""
