"""Carriers by the karrio SDK (extra `carriers`), which is imported in `sdk.py` alone, when one of them is first asked."""
