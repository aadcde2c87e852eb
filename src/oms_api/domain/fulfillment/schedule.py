"""Work for later: fulfillment orders of preorders wait for the day on which their channel says that they ship."""

from datetime import UTC, date, datetime

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.events import FulfillmentOrderChanged
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus

DUE = """
SELECT work.id, work.order_id, work.channel_id, work.location_id, work.opens_on, rules.ships_on,
       rules.ships_on IS NULL OR rules.ships_on <= ($2::timestamptz AT TIME ZONE location.time_zone)::date
FROM fulfillment_order work JOIN location ON location.id = work.location_id
CROSS JOIN LATERAL (
    SELECT max(rule.ships_on) AS ships_on
    FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id
    CROSS JOIN LATERAL (
        SELECT policy, ships_on FROM oversell_rule
        WHERE channel_id = work.channel_id AND (sku_id = line.sku_id OR sku_id IS NULL) ORDER BY sku_id NULLS LAST LIMIT 1
    ) AS rule
    WHERE part.fulfillment_order_id = work.id AND rule.policy = 'PREORDER'
) AS rules
WHERE work.status = 'SCHEDULED' AND (rules.ships_on IS DISTINCT FROM work.opens_on
    OR rules.ships_on <= ($2::timestamptz AT TIME ZONE location.time_zone)::date)
ORDER BY work.id LIMIT $1 FOR NO KEY UPDATE OF work SKIP LOCKED
"""
MOVE = "UPDATE fulfillment_order SET status = $2, opens_on = $3 WHERE id = $1"


def opens_on(ships_on: date | None, at: datetime) -> date | None:
    """Return the day on which work is opened for goods that ship on a day, or None where it may begin at once.

    Of the day itself only the clock of the location knows whether it has come: the sweep opens the work then.
    """
    return ships_on if ships_on is not None and ships_on >= at.astimezone(UTC).date() else None


def status_until(opens_on: date | None) -> FulfillmentOrderStatus:
    """Return the status of new work that is opened on a day, or at once."""
    return FulfillmentOrderStatus.OPEN if opens_on is None else FulfillmentOrderStatus.SCHEDULED


async def open_scheduled(tx: Tx, size: int) -> int:
    """Open scheduled work whose day has come, and move what has another day by the channel's rule as it is now."""
    due = await tx.fetch(DUE, (size, tx.now))
    for key, order, channel, location, was, day, has_come in due:
        status = FulfillmentOrderStatus.OPEN if has_come else FulfillmentOrderStatus.SCHEDULED
        tx.closing.append((MOVE, (key, status, None if has_come else day)))
        changes: dict[str, tuple[object, object]] = {"opensOn": (was, None if has_come else day)}
        if has_come:
            changes["status"] = FulfillmentOrderStatus.SCHEDULED, status
        tx.emit(
            FulfillmentOrderChanged(
                subject_id=key, order_id=order, channel_id=channel, location_ids=(location,), changes=changes
            )
        )
    return len(due)
