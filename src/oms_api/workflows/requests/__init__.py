"""What is asked of suppliers, and what they answer, ship and tell."""
