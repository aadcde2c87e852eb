"""Commands on accounts with carriers and shipping services."""
