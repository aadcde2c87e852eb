"""What of a level's free units may be promised: not those whose last good day is over, whether or not anybody noticed.

The sweep that sets them aside takes free units first, so no more than the others were ever anybody's. Whoever promises units
asks these of a row `level` of the levels; a level without lots is asked nothing more.
"""

EXPIRED = """CASE WHEN level.in_lots = 0 THEN 0 ELSE (
    SELECT coalesce(sum(held.on_hand - held.set_aside), 0)::int
    FROM lot_level held JOIN location here ON here.id = held.location_id
    WHERE held.level_id = level.id AND held.in_stock AND held.fefo_date < (now() AT TIME ZONE here.time_zone)::date
) END"""
"""Units of lots that have expired and are not known to be set aside."""

EXPIRED_FREE = f"least({EXPIRED}, level.free)"
"""Those of them that count as free, as far as free units go: what is shown as expired."""

FREE = f"(level.free - {EXPIRED})"
"""The free units that are good; below zero where promised units have expired too."""

AVAILABLE = f"greatest({FREE} - level.safety_stock_target, 0)"
"""Those of them that are not kept back as safety stock."""


def good_levels(where: str) -> str:
    """Return SQL for the levels of which *where* holds, with what is good of them. The lots of each are looked for once."""
    return f"""
        SELECT id, sku_id, location_id, greatest(free - safety_stock_target, 0) AS available, free FROM (
            SELECT id, sku_id, location_id, {FREE} AS free, safety_stock_target FROM inventory_level level
            WHERE {where} OFFSET 0
        ) AS good
    """  # noqa: S608 - made of constants
