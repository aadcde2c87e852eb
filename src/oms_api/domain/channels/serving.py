"""Where a channel is served from, and by which rule it sells more than there is: parts of SQL that many statements hold."""

IN_USE = "location.status = 'ACTIVE' AND location.accepts_orders"
"""Whether a `location` works on what is promised from it."""
TAKES_ORDERS = f"{IN_USE} AND NOT location.stock_stale"
"""Whether units may be promised from it: where its stock is stale, what was promised stays, and nothing new is."""
ACTIVE_LOCATIONS = f"channel_location served JOIN location ON location.id = served.location_id AND {TAKES_ORDERS}"
"""The locations of channels that take orders, each as `location` and, with its channel and priority, as `served`."""


def rule_of(channel: str, sku: str) -> str:
    """Return SQL that selects the rule by which a *channel* oversells a *sku*: that of the SKU, else that of all SKUs."""
    return f"""
        SELECT * FROM oversell_rule WHERE channel_id = {channel} AND (sku_id = {sku} OR sku_id IS NULL)
        ORDER BY sku_id NULLS LAST LIMIT 1
    """  # noqa: S608 - made of constants
