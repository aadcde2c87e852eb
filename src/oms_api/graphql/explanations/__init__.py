"""Why an order stands where it stands."""
