"""Commands on the reasons of orders."""
