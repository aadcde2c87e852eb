"""Documents of other systems that are to become orders: kept as they came, read by connectors, with their mistakes."""
