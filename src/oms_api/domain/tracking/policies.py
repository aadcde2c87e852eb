"""The progress of an order and its parcels, as its customer sees it. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.fulfillment.departures import NEVER
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.tracking.states import OrderProgress

F, P = FulfillmentStatus, OrderProgress
PROGRESS = {
    F.NOT_REQUIRED: P.PLACED,
    F.DELIVERED: P.DELIVERED,
    F.PARTIALLY_DELIVERED: P.PARTIALLY_DELIVERED,
    F.UNDELIVERED: P.UNDELIVERED,
    F.SHIPPED: P.SHIPPED,
    F.PARTIALLY_SHIPPED: P.PARTIALLY_SHIPPED,
    F.IN_PROGRESS: P.PREPARING,
}
ENDED = {
    PackageStatus.DELIVERED: TrackingStatus.DELIVERED,
    PackageStatus.LOST: TrackingStatus.LOST,
    PackageStatus.RETURNED_TO_SENDER: TrackingStatus.RETURN_TO_SENDER,
}
SILENT = {None, TrackingStatus.UNKNOWN}


def progress(status: OrderStatus, fulfillment: FulfillmentStatus, *, only_waits_for_customer: bool = False) -> OrderProgress:
    """Return how far an order is; *only_waits_for_customer*, where all that is left of it lies ready to be fetched."""
    if status is OrderStatus.CANCELED:
        return P.CANCELED
    if only_waits_for_customer:
        return P.READY_FOR_PICKUP
    if status is OrderStatus.COMPLETED and fulfillment in {F.NOT_REQUIRED, F.SHIPPED}:
        return P.DELIVERED
    return PROGRESS.get(fulfillment, P.PLACED)


def parcel_status(status: PackageStatus, carrier_status: TrackingStatus | None) -> TrackingStatus:
    """Return the status of a parcel that left: the end it came to, else the carrier's latest report."""
    if status in ENDED:
        return ENDED[status]
    return TrackingStatus.IN_TRANSIT if carrier_status is None or carrier_status in SILENT else carrier_status


def arrives_on(
    calendar: Calendar, zone: ZoneInfo, leave_by: datetime | None, country: str | None, now: datetime
) -> date | None:
    """Return the day on which goods should arrive that have not left: they leave by *leave_by*, or else as soon as they can."""
    if leave_by is None or leave_by >= NEVER:
        return None
    overdue = replace(calendar, handling_days=0)
    day = leave_by.astimezone(zone).date() if now <= leave_by else overdue.ships_on(now, zone)
    return None if day is None else calendar.delivered_on(day, country)


def last_of(days: Iterable[date | None]) -> date | None:
    """Return the last of *days*; None for none, and where one of them is not known."""
    known = list(days)
    return None if None in known or not known else max(day for day in known if day is not None)
