"""How suppliers and locations did their work: what they were asked for, what they answered, and what left in time."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.fulfillment.rejections.tables import WITHDRAWN
from oms_api.kernel.checks import check_days
from oms_api.kernel.dataclass import dataclass

MOST_CARDS = 1_000


class CardOf(StrEnum):
    """Whose work a card is about: of a `location`, or of the supplier who was `asked` for it, whoever works there today."""

    LOCATION = "location.id"
    SUPPLIER = "asked.supplier_id"


def within(moment: str) -> str:
    """Return that a moment lies in the days asked for, by the clock of its `location`."""
    day = f"({moment} AT TIME ZONE location.time_zone)::date"
    near = f"{moment} >= :start::date - interval '2 days' AND {moment} < :before::date + interval '2 days'"
    return f"{near} AND {day} >= :start::date AND {day} < :before::date"


def seen(row: str) -> str:
    """Return that the caller sees what is of the channel of *row*, of its `location`, and of the supplier who was `asked`."""
    return f"""
    (:channels::uuid[] IS NULL OR {row}.channel_id = ANY (:channels::uuid[]))
    AND (:locations::uuid[] IS NULL OR location.id = ANY (:locations::uuid[]))
    AND (:suppliers::uuid[] IS NULL OR asked.supplier_id = ANY (:suppliers::uuid[]))
    """


CARDS = """
WITH asked AS (
    SELECT {of} AS key, count(*) AS requests,
           count(*) FILTER (WHERE asked.answered_at IS NOT NULL AND asked.status <> 'REJECTED') AS accepted,
           count(*) FILTER (WHERE asked.answered_at IS NOT NULL AND asked.status = 'REJECTED') AS rejected,
           count(*) FILTER (WHERE asked.answered_at IS NULL AND asked.status = 'REJECTED') AS unanswered,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM asked.answered_at - asked.submitted_at))
                 FILTER (WHERE asked.answered_at >= asked.submitted_at))::int AS median_answer_s
    FROM fulfillment_request asked JOIN location ON location.id = asked.location_id
    WHERE {asked} AND {seen_asked} GROUP BY 1
), refused AS (
    SELECT {of} AS key, sum(line.quantity) AS rejected_units,
           coalesce(sum(line.quantity) FILTER (WHERE act.effect IN ('SHORT', 'COUNT')), 0) AS missing_units
    FROM fulfillment_rejection act JOIN location ON location.id = act.location_id
    JOIN fulfillment_rejection_line line ON line.rejection_id = act.id
    LEFT JOIN fulfillment_request asked ON asked.fulfillment_order_id = act.fulfillment_order_id
    WHERE act.reason <> '{withdrawn}' AND {refused} AND {seen_refused} GROUP BY 1
), stopped AS (
    SELECT {of} AS key, count(*) FILTER (WHERE asked.cancellation_accepted) AS cancellations_accepted,
           count(*) FILTER (WHERE NOT asked.cancellation_accepted) AS cancellations_rejected
    FROM fulfillment_request asked JOIN location ON location.id = asked.location_id
    WHERE {stopped} AND {seen_asked} GROUP BY 1
), sent AS (
    SELECT {of} AS key, count(*) AS shipments,
           count(*) FILTER (WHERE coalesce(pickup.ready_at, shipment.shipped_at) > work.leave_by) AS late,
           sum(parcels.packages) AS packages, sum(parcels.lost) AS lost
    FROM shipment JOIN location ON location.id = shipment.location_id
    JOIN fulfillment_order work ON work.id = shipment.fulfillment_order_id
    LEFT JOIN fulfillment_request asked ON asked.fulfillment_order_id = work.id
    LEFT JOIN pickup ON pickup.fulfillment_order_id = work.id AND pickup.shipment_id = shipment.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS packages, count(*) FILTER (WHERE package.status = 'LOST') AS lost
        FROM package WHERE package.shipment_id = shipment.id
    ) AS parcels
    WHERE shipment.status <> 'CANCELED' AND {sent} AND {seen_sent} GROUP BY 1
)
SELECT key, coalesce(requests, 0), coalesce(accepted, 0), coalesce(rejected, 0), coalesce(unanswered, 0), median_answer_s,
       coalesce(cancellations_accepted, 0), coalesce(cancellations_rejected, 0),
       coalesce(rejected_units, 0)::int, coalesce(missing_units, 0)::int, coalesce(shipments, 0), coalesce(late, 0),
       coalesce(packages, 0)::int, coalesce(lost, 0)::int
FROM asked FULL JOIN refused USING (key) FULL JOIN stopped USING (key) FULL JOIN sent USING (key)
WHERE key IS NOT NULL ORDER BY key LIMIT {most}
"""
STATEMENTS = {
    of: Sql(
        CARDS.format(
            of=of.value,
            most=MOST_CARDS + 1,
            withdrawn=WITHDRAWN,
            asked=within("asked.submitted_at"),
            refused=within("act.rejected_at"),
            stopped=within("asked.cancellation_answered_at"),
            sent=within("shipment.shipped_at"),
            seen_asked=seen("asked"),
            seen_refused=seen("act"),
            seen_sent=seen("shipment"),
        )
    )
    for of in CardOf
}


@dataclass(frozen=True, slots=True)
class Card:
    """What one supplier or location did in a span of days, each thing by the day on which it happened there."""

    key: UUID
    requests: int
    accepted: int
    rejected: int
    unanswered: int
    median_answer_s: int | None
    cancellations_accepted: int
    cancellations_rejected: int
    rejected_units: int
    missing_units: int
    shipments: int
    late: int
    packages: int
    lost: int


async def scorecards(read: Reader, of: CardOf, start: date, before: date) -> tuple[Sequence[Card], bool]:
    """Return the cards of those who did anything, within the principal's limits, and whether there are more.

    Raises: InvalidValue.
    """
    check_days(start, before)
    sight = read.sight
    limits = {"channels": sight.channels, "locations": sight.locations, "suppliers": sight.suppliers}
    rows = await read.all(Query[tuple[object, ...]](*STATEMENTS[of](start=start, before=before, **limits), alone=True))
    cards = [Card(*row) for row in rows]  # type: ignore[arg-type]
    return cards[:MOST_CARDS], len(cards) > MOST_CARDS
