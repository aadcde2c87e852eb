"""Defining attributes."""
