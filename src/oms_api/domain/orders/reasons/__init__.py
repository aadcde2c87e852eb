"""Why orders are canceled, held and changed, and work is rejected: codes that people choose."""
