"""Why orders are canceled, held and changed: codes that people choose."""
