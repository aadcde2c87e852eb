"""Sourcing profiles, groups of locations, postal zones, decisions, previews and simulations."""
