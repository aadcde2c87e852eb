"""Programs that use the API from outside."""
