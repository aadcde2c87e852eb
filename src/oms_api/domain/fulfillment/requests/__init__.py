"""The work of suppliers' locations: asked for, answered, and done by the supplier."""
