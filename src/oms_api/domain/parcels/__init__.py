"""Parcels as carriers see them: what they are told, what they answer, and the port behind which each of them stands."""
