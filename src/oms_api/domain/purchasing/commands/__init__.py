"""What can be done with suppliers and purchase orders."""
