"""What is done with documents that are to become orders."""
