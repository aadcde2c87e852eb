"""Papers and labels: what they are made of, the templates that say how they look, and the files that come of it."""
