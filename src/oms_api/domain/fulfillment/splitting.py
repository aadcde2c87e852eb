"""Units of one order that go from one fulfillment order to another at the same location: their promises stay, or are split."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from oms_api.db.rows import Given
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.units import Promise
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, FulfillmentOrderLineId

PARTS = Given("part", promise="uuid", line="uuid", units="int", work="uuid", made="uuid", made_line="uuid")
SPLIT = Sql(f"""
WITH part AS MATERIALIZED (SELECT * FROM {PARTS}), less AS (
    UPDATE allocation was SET quantity = was.quantity - part.units, in_fulfillment = was.in_fulfillment - part.units
    FROM part WHERE was.id = part.promise
), fewer AS (
    UPDATE fulfillment_order_line was SET quantity = was.quantity - part.units FROM part WHERE was.id = part.line
), made AS (
    INSERT INTO allocation (id, order_id, line_id, level_id, location_id, quantity, in_fulfillment, reason, split_from_id,
                            created_at)
    SELECT part.made, was.order_id, was.line_id, was.level_id, was.location_id, part.units, part.units, was.reason,
           coalesce(was.split_from_id, was.id), :now
    FROM part JOIN allocation was ON was.id = part.promise
)
INSERT INTO fulfillment_order_line (id, fulfillment_order_id, line_id, allocation_id, quantity)
SELECT part.made_line, part.work, was.line_id, part.made, part.units FROM part JOIN allocation was ON was.id = part.promise
""")  # noqa: S608 - our own columns
GIVEN = Given("given", line="uuid", work="uuid")
GIVE = Sql(f"""
UPDATE fulfillment_order_line SET fulfillment_order_id = given.work FROM {GIVEN} WHERE fulfillment_order_line.id = given.line
""")  # noqa: S608 - our own columns
TOUCHED = Sql("UPDATE fulfillment_order SET version = version + 1 WHERE id = ANY (:works::uuid[])")


def hand_on(tx: Tx, document: OrderDocument, chosen: Sequence[tuple[Promise, int]], target: FulfillmentOrderId) -> None:
    """Give units of promises that are worked on to the fulfillment order *target*, in the last flush of *tx*.

    A promise that goes as a whole, and of which nothing happened yet, stays what it is; of another one a part is split off.
    """
    given, parts = [], []
    for promise, units in chosen:
        untouched = not (promise.consumed or promise.released or promise.work_shipped or promise.work_canceled)
        if untouched and units == promise.in_fulfillment and not promise.allocated:
            given.append({"line": promise.work_line_id, "work": target})
            document.promises[promise.id] = replace(promise, work_id=target)
            continue
        made = tx.new_id(AllocationId), tx.new_id(FulfillmentOrderLineId)
        ids = {"promise": promise.id, "line": promise.work_line_id, "work": target}
        parts.append({**ids, "units": units, "made": made[0], "made_line": made[1]})
        document.promises[promise.id] = replace(promise, in_fulfillment=promise.in_fulfillment - units)
    if parts:
        tx.closing.append(SPLIT(part=PARTS(parts), now=tx.now))
    if given:
        tx.closing.append(GIVE(given=GIVEN(given)))


def touch(tx: Tx, works: Collection[FulfillmentOrderId]) -> None:
    """Raise the versions of fulfillment orders, in the last flush of *tx*."""
    tx.closing.append(TOUCHED(works=array(sorted(works))))
