"""What is done with profiles, groups of locations and postal zones."""
