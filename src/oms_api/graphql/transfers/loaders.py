"""Batch loaders around transfers."""
