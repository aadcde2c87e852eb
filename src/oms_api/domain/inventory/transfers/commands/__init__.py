"""What can be done with transfers."""
