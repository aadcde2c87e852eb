"""Following parcels: the reports of carriers (by people, webhook, import or on request), and their effects."""
