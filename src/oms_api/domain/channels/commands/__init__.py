"""What can be done with channels, listings and locations."""
