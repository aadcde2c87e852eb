"""How what can be promised is read: a `Snapshot`, by one statement that is put together of the same parts for everybody."""

from collections.abc import Iterable, Sequence

from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS
from oms_api.domain.fulfillment.backorders.rules import RULES
from oms_api.domain.inventory.lots.good import FREE, good_levels
from oms_api.domain.inventory.reservations.holds import GIVEN, Glance, SecondLook
from oms_api.domain.promising.waiting import anybody_waits_for, waiting_for
from oms_api.domain.purchasing.incoming import NEXT

# OFFSET 0 keeps a lateral lookup one index scan for each row: estimates know nothing of how few rows a parameter holds.
BY_CODE = """
    SELECT sku.id FROM unnest(:codes::text[]) AS wanted (code)
    CROSS JOIN LATERAL (SELECT id FROM sku WHERE sku.code = wanted.code OFFSET 0) AS sku
"""
BY_ID = """
    SELECT sku.id FROM unnest(:ids::uuid[]) AS wanted (id)
    CROSS JOIN LATERAL (SELECT id FROM sku WHERE sku.id = wanted.id OFFSET 0) AS sku
"""
CHANNELS = ":channels::uuid[]"
SERVED = "SELECT DISTINCT location_id FROM channel_location WHERE channel_id = ANY (:channels::uuid[])"
OF_ORDER = "ARRAY(SELECT channel_id FROM orders WHERE id = :order::uuid)"
SERVED_OF_ORDER = f"SELECT location_id FROM channel_location WHERE channel_id = ANY ({OF_ORDER})"  # noqa: S608 - as below
NEAR = f"""
    SELECT level.* FROM stocked CROSS JOIN served CROSS JOIN LATERAL (
        {good_levels("sku_id = stocked.id AND location_id = served.location_id")}
    ) AS level
"""  # noqa: S608 - made of constants
"""The levels of SKUs where the one who asks is served."""


def anywhere(counts: str = "true") -> str:
    """Return SQL for the levels of SKUs wherever they are.

    There counts as free what a reservation, `hold`, has at a `level` past its deadline, where the condition *counts* holds.
    """
    return f"""
    SELECT level.id, level.sku_id, level.location_id, level.free + overdue.units AS free,
           greatest(level.free + overdue.units - level.safety_stock_target, 0) AS available
    FROM stocked CROSS JOIN LATERAL (
        SELECT id, sku_id, location_id, {FREE} AS free, safety_stock_target FROM inventory_level level
        WHERE sku_id = stocked.id OFFSET 0
    ) AS level CROSS JOIN LATERAL (
        SELECT coalesce(sum(line.held), 0)::int AS units
        FROM reservation_line line JOIN reservation hold ON hold.id = line.reservation_id
        WHERE {counts} AND line.level_id = level.id AND line.held > 0
          AND hold.status = 'ACTIVE' AND hold.expires_at <= :now::timestamptz
    ) AS overdue
    """  # noqa: S608 - made of constants


ELSEWHERE = anywhere(
    "level.location_id NOT IN (SELECT location_id FROM served) AND hold.id <> ALL (current_setting('oms.holds')::uuid[])"
)
"""Others who wait may be served from where the one who asks is not.

Reservations that hold units where the one who asks is served are locked, and are left to whoever locked them.
"""
RULED = RULES.format(skus="stocked", channels=CHANNELS)
LIMITED = """
SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM (
    SELECT DISTINCT concat_ws(' ', 'oms backorders', rule.channel_id, stocked.id) AS key FROM stocked
    JOIN oversell_rule rule ON rule.channel_id = ANY (:channels::uuid[]) AND (rule.sku_id = stocked.id OR rule.sku_id IS NULL)
    WHERE rule.limit_units IS NOT NULL ORDER BY key
) AS counted
"""
COMES = NEXT.format(skus="SELECT id FROM stocked", served="SELECT location_id FROM served", now=":now::timestamptz")


def goods(*ways: str, served: str = SERVED) -> str:
    """Return common table expressions of the SKUs that are named in *ways*: with components of bundles, and where *served*."""
    return f"""
WITH named AS ({" UNION ".join(ways)}), parts AS (
    SELECT part.* FROM named CROSS JOIN LATERAL (
        SELECT bundle_id, component_id, quantity, share FROM sku_component WHERE bundle_id = named.id OFFSET 0
    ) AS part
), stocked AS (
    SELECT id FROM named UNION SELECT component_id FROM parts
), served AS ({served})
"""  # noqa: S608 - made of constants


def reading(levels: str, *values: str, channels: str = CHANNELS) -> str:
    """Return SQL for one row: channels, SKUs, components, *levels*, and further *values*; see `Snapshot.take`."""
    return f"""
SELECT
    (SELECT jsonb_agg(jsonb_build_array(id, status = 'ACTIVE', currency, prices_include_tax, sells_safety_stock,
        (SELECT jsonb_agg(served.location_id ORDER BY served.priority) FROM {ACTIVE_LOCATIONS}
         WHERE served.channel_id = channel.id), hand_over, needs_recipient,
        release_when, pay_within_minutes, address_check,
        CASE WHEN rulebook_id IS NOT NULL THEN jsonb_build_array(rulebook_id, code, time_zone) END,
        CASE WHEN sourcing_profile_id IS NOT NULL THEN (
            SELECT active_version_id FROM sourcing_profile WHERE id = sourcing_profile_id) END,
        reservation_minutes))
     FROM channel WHERE id = ANY ({channels})),
    (SELECT jsonb_agg(jsonb_build_array(sku.id, code, name, kind, status = 'ACTIVE')) FROM stocked
     CROSS JOIN LATERAL (SELECT * FROM sku WHERE sku.id = stocked.id OFFSET 0) AS sku),
    (SELECT jsonb_agg(jsonb_build_array(bundle_id, component_id, quantity, share) ORDER BY bundle_id, component_id)
     FROM parts),
    (SELECT jsonb_agg(jsonb_build_array(id, sku_id, location_id, available, free)) FROM ({levels}) AS candidate),
    {", ".join(values)}
"""  # noqa: S608 - made of constants


class Look:
    """How is read what can be promised of SKUs that are named in *ways*; further *values* in SQL are read along.

    The first look tells who sells what, and whether anybody waits for it. The second one tells all: who waits, from which
    levels they may be served, rules, and what comes next. It locks the levels, the reservations that are *wanted* or overdue,
    and with *limits* the queues that are limited; without locks it reads the same.
    """

    def __init__(self, *ways: str, values: Sequence[str] = (), wanted: str = GIVEN, limits: bool = False) -> None:
        named = goods(*ways)
        comes = f"(SELECT jsonb_agg(jsonb_build_array(sku_id, expected_at)) FROM ({COMES}) AS next)"  # noqa: S608 - made of constants
        candidates = f"{named} SELECT id FROM ({NEAR}) AS candidate"  # noqa: S608 - as above
        self.first = Sql(named + reading(NEAR, anybody_waits_for("stocked"), *values))
        self.wide = Sql(named + reading(ELSEWHERE, waiting_for("stocked"), f"({RULED})", comes, *values))
        self.lock, self.glance = SecondLook(candidates, wanted), Glance(candidates, wanted)
        self.limits = [Sql(named + LIMITED)] if limits else []

    def second(self, *, lock: bool, **values: object) -> list[Statement]:
        """Return the statements of a second look, for `Snapshot.take_second`."""
        locks = [*self.lock(**values), *(limit.of(values) for limit in self.limits)] if lock else self.glance(**values)
        return [*locks, self.wide.of(values)]


class OrderLook:
    """How is read what can be promised to an order that is there, of *skus* that SQL selects, where it is *served*.

    The levels are locked where somebody was faster; further *values* in SQL are read along.
    """

    def __init__(self, skus: str, *values: str, served: str = SERVED_OF_ORDER) -> None:
        named = goods(skus, served=served)
        others = waiting_for("stocked", others="order_id <> :order::uuid")
        self.alone, self.among_others = (
            Sql(named + reading(NEAR, who, *values, channels=OF_ORDER)) for who in ("NULL", others)
        )
        self.lock = Sql(f"""
        SELECT level.id FROM inventory_level level WHERE level.id = ANY (ARRAY({named} SELECT id FROM ({NEAR}) AS candidate))
        ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE
        """)  # noqa: S608 - made of constants

    def __call__(self, tx: Tx, *, others: bool = True, **values: object) -> list[Statement]:
        """Return the statements, the last of which gives the row for `Snapshot.take`; with *others* who else waits."""
        locks = [self.lock.of(values)] if tx.pessimistic else []
        return [*locks, (self.among_others if others else self.alone).of(values)]


def referred(references: Iterable[SkuRef]) -> dict[str, str]:
    """Return the parameters of BY_CODE and BY_ID."""
    named = list(references)
    return {
        "codes": text_array(ref.code for ref in named if ref.code is not None and "\0" not in ref.code),
        "ids": array(ref.id for ref in named if ref.id is not None),
    }
