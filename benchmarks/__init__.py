"""Measurements of the whole program: run as ``python -m benchmarks``. Nothing here is a test, and no test is timed."""
