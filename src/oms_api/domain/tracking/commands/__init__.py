"""What is done about following orders."""
