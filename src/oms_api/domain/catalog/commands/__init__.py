"""What can be done with SKUs."""
