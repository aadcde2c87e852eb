"""What is done with boxes."""
