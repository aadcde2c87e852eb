"""Goods that customers fetch: making them ready, handing them over for a code, reminders and expiry."""
