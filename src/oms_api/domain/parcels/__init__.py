"""Parcels as carriers see them: their questions, their answers, and the port of carriers."""
