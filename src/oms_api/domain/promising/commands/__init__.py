"""What is done by promising units."""
