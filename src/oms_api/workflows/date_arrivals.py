"""When packages that left should arrive, and when it was promised that they would."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.db.rows import Given
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.carriers.rating import RateTable
from oms_api.domain.channels.calendar import Calendar, arrival, calendar_of
from oms_api.domain.fulfillment.departures import NEVER, PROMISED, leave_by
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import CarrierAccountId
from oms_api.workflows.labels.desk import rates_of

UNDATED = Sql(f"""
SELECT parcel.id, parcel.weight_g, parcel.shipped_at, location.time_zone, location.calendar, location.address AS sender,
       orders.country, party.shipping_address AS recipient, work.leave_by, orders.placed_at, work.created_at, work.opens_on,
       promised.day AS promised, promised.waited, label.account_id, coalesce(label.service, parcel.method) AS service,
       EXISTS (
           SELECT FROM pickup WHERE pickup.fulfillment_order_id = work.id AND pickup.shipment_id = parcel.shipment_id
       ) AS fetched
FROM (
    SELECT package.id, package.weight_g, package.order_id, package.location_id, package.fulfillment_order_id,
           package.shipment_id, shipment.shipped_at, shipment.method
    FROM package JOIN shipment ON shipment.id = package.shipment_id JOIN orders ON orders.id = package.order_id
    WHERE package.shipment_id IS NOT NULL AND NOT package.dated
    ORDER BY package.id DESC LIMIT :most FOR NO KEY UPDATE OF orders, package SKIP LOCKED
) AS parcel
JOIN orders ON orders.id = parcel.order_id
JOIN location ON location.id = parcel.location_id
JOIN fulfillment_order work ON work.id = parcel.fulfillment_order_id
CROSS JOIN {PROMISED}
LEFT JOIN LATERAL (
    SELECT account_id, service FROM label WHERE package_id = parcel.id AND status = 'PURCHASED' LIMIT 1
) AS label ON true
LEFT JOIN LATERAL (
    SELECT shipping_address FROM order_party WHERE order_id = parcel.order_id ORDER BY version DESC LIMIT 1
) AS party ON true
""")  # noqa: S608 - our own part
COLUMNS = (
    "id", "weight_g", "shipped_at", "time_zone", "calendar", "sender", "country", "recipient", "leave_by", "placed_at",
    "created_at", "opens_on", "promised", "waited", "account_id", "service", "fetched",
)  # fmt: skip
DATED = Given("dated", id="uuid", country="text", service="text", left_on="date", promised_on="date", expected_on="date")
DATE = Sql(f"""
UPDATE package SET dated = true, country = dated.country, service = dated.service, left_on = dated.left_on,
                   promised_on = dated.promised_on, expected_on = dated.expected_on, version = package.version + 1
FROM {DATED} WHERE package.id = dated.id
""")  # noqa: S608 - our own columns
SMALLEST_G = 1


@dataclass
class Ways:
    """How long parcels are on their way: calendars and rates, each read once."""

    tx: Tx
    calendars: dict[str, Calendar] = field(default_factory=dict)
    rates: dict[CarrierAccountId, RateTable] = field(default_factory=dict)

    async def dated(self, parcel: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return when a parcel should arrive: counted from its leaving, and from the moment at which it had to leave."""
        calendar = self.calendars.setdefault(repr(parcel["calendar"]), calendar_of(parcel["calendar"]))
        zone = ZoneInfo(parcel["time_zone"])
        days = None if parcel["fetched"] else await self.days(parcel, calendar)
        last = parcel["leave_by"] or leave_by(
            calendar, zone, **{name: parcel[name] for name in ("placed_at", "created_at", "opens_on", "promised", "waited")}
        )

        left_on = parcel["shipped_at"].astimezone(zone).date()

        def arrives(left_on: date) -> str | None:
            day = None if days is None else arrival(left_on, days, parcel["country"])
            return None if day is None else day.isoformat()

        return {
            "id": parcel["id"],
            "country": parcel["country"],
            "service": parcel["service"],
            "left_on": left_on.isoformat(),
            "promised_on": None if last >= NEVER else arrives(last.astimezone(zone).date()),
            "expected_on": arrives(left_on),
        }

    async def days(self, parcel: Mapping[str, Any], calendar: Calendar) -> int | None:
        """Return how many delivery days the way takes: by the rate of its label, if that says so, or by the calendar."""
        account, sender, recipient = parcel["account_id"], parcel["sender"], parcel["recipient"]
        if account is not None and sender and recipient:
            if account not in self.rates:
                self.rates[account] = await rates_of(self.tx, account)
            fitting = self.rates[account].best(Address(**sender), Address(**recipient), parcel["weight_g"] or SMALLEST_G)
            rate = fitting.get(parcel["service"])
            if rate is not None and rate.days is not None:
                return rate.days
        return calendar.days_to(parcel["country"])


async def date_arrivals(tx: Tx, size: int) -> int:
    """Work out when packages that left should arrive, the last ones first: a sweep.

    What was promised is the day on which a package arrives that leaves when it must (`fulfillmentOrder { leaveBy }`), by the
    days that the rate of its label names, or else by the calendar of its location. It is worked out once: later changes of
    calendars and rates change no promise. What customers fetch is not on its way: nothing was promised of its arrival.
    """
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in await tx.fetch(UNDATED(most=size))]
    ways = Ways(tx)
    dated = [await ways.dated(row) for row in rows]
    if dated:
        tx.closing.append(DATE(dated=DATED(dated)))
    return len(dated)
