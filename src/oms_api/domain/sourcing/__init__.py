"""Where an order is best served from: profiles, zones, groups of locations, and decisions on record."""
