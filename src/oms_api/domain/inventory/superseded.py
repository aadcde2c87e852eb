"""What happened before a number that was told already: it is part of that number, so the level stays as it is.

The ledger keeps what is told late at its moment, and undoes it, by the same cause, at the moment of the first number that is
known to be of a later one.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array, listed
from oms_api.db.sql import Sql
from oms_api.domain.inventory.expired import set_aside_at_last
from oms_api.domain.inventory.movements import recorded
from oms_api.domain.inventory.states import ASIDE, HELD, Account, MovementKind

HERE, SET_ASIDE = listed(HELD), listed(ASIDE)
PLACES = (Account.FREE, *ASIDE)
"""Where units are undone: those that were promised or reserved are free again, the others come back to where they lay."""

MORE = ", ".join(f"{place} = level.{place} + grown.{place}" for place in PLACES)
GROWN = ", ".join(f"coalesce(sum(units) FILTER (WHERE place = '{place}'), 0)::int AS {place}" for place in PLACES)

RECORDED = recorded(
    "undone JOIN levels ON levels.id = undone.level_id",
    level_id="undone.level_id",
    sequence="levels.before + row_number() OVER (PARTITION BY undone.level_id ORDER BY cause_id, lot, place)",
    sku_id="undone.sku_id",
    kind=f"'{MovementKind.SUPERSEDED}'",
    quantity="abs(units)",
    source=f"CASE WHEN units < 0 THEN place ELSE '{Account.ADJUSTMENT}' END",
    target=f"CASE WHEN units < 0 THEN '{Account.ADJUSTMENT}' ELSE place END",
    lot="lot",
    cause_kind="cause_kind",
    cause_id="cause_id",
    reason="reason",
    occurred_at="as_of",
)

# The levels are locked by the statement that wrote the movements: what was told of them last stays so.
UNDO = Sql(f"""
WITH late AS (
    SELECT moved.level_id, moved.cause_id, min(number.as_of) AS as_of
    FROM stock_movement moved CROSS JOIN LATERAL (
        SELECT as_of FROM inventory_feed
        WHERE inventory_feed.level_id = moved.level_id AND inventory_feed.as_of >= moved.occurred_at ORDER BY as_of LIMIT 1
    ) AS number
    WHERE moved.cause_id = ANY (:causes::uuid[]) AND moved.recorded_at = :now
      AND (moved.source IN ({HERE})) <> (moved.target IN ({HERE}))
    GROUP BY moved.level_id, moved.cause_id
), undone AS (
    SELECT moved.level_id, moved.sku_id, moved.lot, moved.cause_kind, moved.cause_id, max(moved.reason) AS reason, late.as_of,
           side.place, -sum(side.units) AS units
    FROM late JOIN stock_movement moved
        ON moved.cause_id = late.cause_id AND moved.level_id = late.level_id AND moved.recorded_at = :now
    CROSS JOIN LATERAL (
        SELECT CASE WHEN account IN ({SET_ASIDE}) THEN account ELSE '{Account.FREE}' END AS place, units
        FROM (VALUES (moved.source, -moved.quantity), (moved.target, moved.quantity)) AS end_of (account, units)
        WHERE account IN ({HERE})
    ) AS side
    GROUP BY moved.level_id, moved.sku_id, moved.lot, moved.cause_kind, moved.cause_id, late.as_of, side.place
    HAVING sum(side.units) <> 0
), levels AS (
    UPDATE inventory_level level SET {MORE}, in_lots = level.in_lots + grown.in_lots, sequence = level.sequence + grown.moves
    FROM (
        SELECT level_id, {GROWN}, count(*) AS moves, coalesce(sum(units) FILTER (WHERE lot IS NOT NULL), 0)::int AS in_lots
        FROM undone GROUP BY level_id
    ) AS grown WHERE level.id = grown.level_id RETURNING level.id, level.sequence - grown.moves AS before
), lots AS (
    UPDATE lot_level held
    SET on_hand = held.on_hand + grown.units,
        set_aside = greatest(least(held.set_aside + grown.aside, held.on_hand + grown.units), 0)
    FROM (
        SELECT undone.level_id, lot.id AS lot_id, sum(units)::int AS units,
               coalesce(sum(units) FILTER (WHERE place IN ({SET_ASIDE})), 0)::int AS aside
        FROM undone JOIN lot ON lot.sku_id = undone.sku_id AND lot.code = undone.lot GROUP BY undone.level_id, lot.id
    ) AS grown WHERE held.level_id = grown.level_id AND held.lot_id = grown.lot_id
)
{RECORDED}
""")  # noqa: S608 - our own names


def keep_numbers(tx: Tx, causes: Collection[UUID], earliest: datetime) -> None:
    """Let levels keep the numbers told of them, whatever movements by *causes* are told late, in the last flush of *tx*.

    It comes behind these movements, of which the first happened at *earliest*; where that is now, nothing is late.
    """
    if causes and earliest < tx.now:
        tx.closing.append(UNDO(causes=array(set(causes)), actor=tx.actor, now=tx.now))
        set_aside_at_last(tx, causes)
