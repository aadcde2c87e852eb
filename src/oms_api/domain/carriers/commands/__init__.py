"""What is done about accounts with carriers and shipping services."""
