"""Following parcels: what carriers tell of them, by report, webhook, import or when they are asked, and what it moves."""
