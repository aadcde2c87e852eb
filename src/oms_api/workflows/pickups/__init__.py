"""Goods that customers fetch: making them ready, handing them over for a code, and what follows by the clock."""
