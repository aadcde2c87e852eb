"""What is done with the reasons of orders."""
