"""Work for later: fulfillment orders of preorders wait for the day on which their channel says that they ship."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Self

from oms_api.db.rows import Given, Row, types
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import rule_of
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.events import FulfillmentOrderChanged
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.inventory.sourcing import Source
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import (
    AllocationId,
    ChannelId,
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    LineId,
    LocationId,
    OrderId,
    SkuId,
)

DUE = f"""
SELECT work.id, work.order_id, work.channel_id, work.location_id, work.opens_on, rules.ships_on,
       rules.ships_on IS NULL OR rules.ships_on <= (:now::timestamptz AT TIME ZONE location.time_zone)::date
FROM fulfillment_order work JOIN location ON location.id = work.location_id JOIN orders ON orders.id = work.order_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN work.opens_by_hand THEN work.opens_on ELSE max(rule.ships_on) END AS ships_on
    FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id
    CROSS JOIN LATERAL ({rule_of("work.channel_id", "line.sku_id")}) AS rule
    WHERE part.fulfillment_order_id = work.id AND rule.policy = 'PREORDER'
) AS rules
WHERE work.status = 'SCHEDULED' AND {{which}} AND NOT work.on_hold AND NOT orders.on_hold
    AND (rules.ships_on IS DISTINCT FROM work.opens_on
    OR rules.ships_on <= (:now::timestamptz AT TIME ZONE location.time_zone)::date)
ORDER BY {{first}} LIMIT :most FOR NO KEY UPDATE OF orders, work {{locked}}
"""  # noqa: S608 - made of constants
BY_DAY = Sql(
    DUE.format(
        which="work.opens_on <= ((:now::timestamptz + interval '14 hours') AT TIME ZONE 'UTC')::date",
        first="work.opens_on, work.id",
        locked="SKIP LOCKED",
    )
)
"""Where it is latest the day has come 14 hours before it comes in UTC."""
CHANNELS = "work.channel_id = ANY (:channels::uuid[])"
OF_CHANNELS = Sql(DUE.format(which=CHANNELS, first="work.id", locked="SKIP LOCKED"))
HELD = Sql(DUE.format(which=CHANNELS, first="work.id", locked=""))
"""Waits for work that is locked, or whose order is, and whose day is to move all the same: for one at a time, so that nobody
waits for who waits."""
MISSED = Sql(DUE.format(which="true", first="work.id", locked="SKIP LOCKED"))
DAYS = Given("day", **types(FulfillmentOrderRow, "id", "status", "opens_on"))
RESCHEDULED = Sql(f"""
UPDATE fulfillment_order work SET status = day.status, opens_on = day.opens_on, leave_by = NULL, version = work.version + 1
FROM {DAYS} WHERE work.id = day.id
""")  # noqa: S608 - our own columns
MOST_MOVED = 1_000
RULE = "oversellRule"
"""What the names begin with by which a channel tells what became different of its rules."""


def opens_on(ships_on: date | None, at: datetime) -> date | None:
    """Return the day on which work is opened for goods that ship on a day, or None where it may begin at once.

    Of the day itself only the clock of the location knows whether it has come: the sweep opens the work then.
    """
    return ships_on if ships_on is not None and ships_on >= at.astimezone(UTC).date() else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where work is to be done, and from which day on if not at once: then each SKU has work of its own, for its own rule."""

    location_id: LocationId
    opens_on: date | None
    sku_id: SkuId | None

    @classmethod
    def of(cls, source: Source, opens_on: date | None) -> Self:
        """Return where the units of *source* are worked on."""
        return cls(source.location_id, opens_on, None if opens_on is None else source.sku_id)

    @property
    def status(self) -> FulfillmentOrderStatus:
        """The status of new work."""
        return FulfillmentOrderStatus.OPEN if self.opens_on is None else FulfillmentOrderStatus.SCHEDULED

    def work(self, key: FulfillmentOrderId, order_id: OrderId, channel_id: ChannelId, at: datetime) -> Row:
        """Return the row of the new fulfillment order *key* there."""
        return {
            "id": key,
            "order_id": order_id,
            "channel_id": channel_id,
            "location_id": self.location_id,
            "status": self.status,
            "opens_on": self.opens_on,
            "created_at": at,
        }


def work_line(tx: Tx, work: FulfillmentOrderId, line: LineId, allocation: AllocationId, quantity: int) -> Row:
    """Return the row of units of a line that a fulfillment order has to ship."""
    return {
        "id": tx.new_id(FulfillmentOrderLineId),
        "fulfillment_order_id": work,
        "line_id": line,
        "allocation_id": allocation,
        "quantity": quantity,
    }


async def open_scheduled(tx: Tx, size: int) -> int:
    """Open scheduled work whose day has come by its location's clock and its channel's rule as it is now: a sweep."""
    return _reschedule(tx, await tx.fetch(BY_DAY(now=tx.now, most=size)))


async def schedule_anew(tx: Tx, piece: Piece) -> bool:
    """Move or open the scheduled work of channels whose rules became different, and tell whether more may be: a reaction."""
    events = await piece.events(tx)
    channels = {event.subject_id for event in events if any(name.startswith(RULE) for name in event.changes or ())}
    if not channels:
        return False
    given = {"now": tx.now, "channels": array(channels)}
    due = await tx.fetch(OF_CHANNELS(most=MOST_MOVED, **given)) or await tx.fetch(HELD(most=1, **given))
    return _reschedule(tx, due) > 0


async def schedule_missed(tx: Tx, size: int) -> int:
    """Move or open scheduled work by its channel's rule as it is now: a sweep.

    It finds what an order wrote by the rule as it was before, and committed after `schedule_anew` had looked.
    """
    return _reschedule(tx, await tx.fetch(MISSED(now=tx.now, most=size)))


def _reschedule(tx: Tx, due: Sequence[tuple[Any, ...]]) -> int:
    status = {True: FulfillmentOrderStatus.OPEN, False: FulfillmentOrderStatus.SCHEDULED}
    days = [None if has_come else day for *_, day, has_come in due]
    if due:
        moved = [{"id": row[0], "status": status[row[-1]], "opens_on": day} for row, day in zip(due, days, strict=True)]
        tx.closing.append(RESCHEDULED(day=DAYS(moved)))
    for (key, order, channel, location, was, _, has_come), day in zip(due, days, strict=True):
        changes: dict[str, tuple[object, object]] = {"fulfillmentOrder.opensOn": (was, day)}
        if has_come:
            changes["fulfillmentOrder.status"] = status[False], status[True]
        tx.emit(
            FulfillmentOrderChanged(
                subject_id=key, order_id=order, channel_id=channel, location_ids=(location,), changes=changes
            )
        )
    return len(due)
