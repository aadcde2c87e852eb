"""What can be done with reservations."""
