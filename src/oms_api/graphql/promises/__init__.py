"""Promises of what is not there yet: oversell rules, backorders, and when lines could arrive."""
