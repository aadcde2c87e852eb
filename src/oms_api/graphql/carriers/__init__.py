"""Carriers, labels, manifests and tracking in the schema."""
