"""Sourcing by profiles: steps, rates, zones, groups of locations, and recorded decisions."""
