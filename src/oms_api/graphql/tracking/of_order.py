"""An order as its customer follows it, and the links that let one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from oms_api.domain.carriers.folding import where
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.orders.states import FulfillmentStatus, OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.pickups.states import PickupStatus
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.tracking.links import DAYS, MOST_DAYS, PATH, order_behind, token_of
from oms_api.domain.tracking.policies import arrives_on, last_of, parcel_status, progress
from oms_api.domain.tracking.queries import orders_tracked
from oms_api.domain.tracking.states import OrderProgress
from oms_api.graphql.addresses import Address
from oms_api.graphql.context import Info
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import argument, enum, output
from oms_api.graphql.permissions import field, public
from oms_api.graphql.scalars import Int64
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.links import LinkChanged, LinkRevoked, end_of

enum(OrderProgress, name="OrderTrackingStatus")
enum(PickupStatus)
PRICE = 500
POSTAL = ("line1", "line2", "city", "region", "postal_code", "country")


@output
class TrackedEvent:
    """A carrier's report on a parcel."""

    status: TrackingStatus
    """The status of the parcel."""
    occurred_at: datetime
    """When the event happened, according to the carrier."""
    place: str | None
    """The place, in the carrier's words."""


@output
class TrackedPackage:
    """A parcel that left."""

    carrier: str | None
    """The carrier."""
    tracking_number: str | None
    """The carrier's tracking number."""
    tracking_url: str | None
    """The carrier's web page that tracks the parcel; null for none."""
    status: TrackingStatus
    """The status of the parcel; IN_TRANSIT until its carrier reports more."""
    expected_on: date | None
    """The day on which the parcel should arrive; null where that is not known."""
    delivered_at: datetime | None
    """When it arrived."""
    events: list[TrackedEvent]
    """The carrier's newest 100 reports on the parcel, oldest first."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Show a parcel as it was read."""
        scans = [
            Scan(status=TrackingStatus(each["status"]), occurred_at=_moment(each["occurred_at"]), place=each["place"])
            for each in stored["scans"] or ()
        ]
        delivered = stored["delivered_at"]
        return cls(
            carrier=stored["carrier"],
            tracking_number=stored["number"],
            tracking_url=stored["url"],
            status=parcel_status(PackageStatus(stored["status"]), where(scans)),
            expected_on=_day(stored["expected_on"]),
            delivered_at=None if delivered is None else _moment(delivered),
            events=[TrackedEvent(status=each.status, occurred_at=each.occurred_at, place=each.place) for each in scans],
        )


@output
class TrackedPlace:
    """A place where goods are fetched."""

    name: str
    """The name of the place."""
    address: Address | None
    """The address."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Show a location: neither the person who works there nor their phone."""
        address = {name: text for name, text in (stored["address"] or {}).items() if name in POSTAL}
        return cls(name=stored["name"], address=Address.of(address))


@output
class TrackedPickup:
    """Goods that the customer fetches."""

    status: PickupStatus
    """The status."""
    collect_by: date
    """The last day on which the goods can be fetched."""
    location: TrackedPlace
    """The place where the goods wait."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Show a pickup as it was read."""
        collect_by = date.fromisoformat(stored["collect_by"])
        return cls(status=PickupStatus(stored["status"]), collect_by=collect_by, location=TrackedPlace.of(stored))


@output
class OrderTracking:
    """The view of an order for its customer, without personal data and prices."""

    order_number: Int64
    """The number of the order."""
    status: OrderProgress
    """The progress of the order."""
    placed_at: datetime
    """When it was placed."""
    expected_on: date | None
    """The day on which the last goods of the order should arrive; null where the day is not known or nothing more is to
    come."""
    packages: list[TrackedPackage]
    """The parcels that left, the first 100, oldest first."""
    pickups: list[TrackedPickup]
    """The goods that the customer fetches, oldest first."""

    @classmethod
    def of(cls, found: Any, now: datetime) -> Self:
        """Show an order as it was read."""
        packages = [TrackedPackage.of(each) for each in found.packages]
        pickups = [TrackedPickup.of(each) for each in found.pickups]
        ready = any(each.status is PickupStatus.READY for each in pickups)
        coming = [each for each in found.packages if each["status"] == PackageStatus.SHIPPED]
        status, fulfillment = OrderStatus(found.status), FulfillmentStatus(found.fulfillment_status)
        only_ready = ready and not (found.waits or found.work or coming)
        return cls(
            order_number=found.number,
            status=progress(status, fulfillment, only_waits_for_customer=only_ready),
            placed_at=found.placed_at,
            expected_on=None
            if status is not OrderStatus.OPEN or found.waits or found.on_hold
            else last_of(_days(found, coming, now)),
            packages=packages,
            pickups=pickups,
        )


def _days(found: Any, coming: Sequence[Mapping[str, Any]], now: datetime) -> list[date | None]:
    """Return when each part of an order that has not arrived should arrive."""
    return [
        *(_day(parcel["expected_on"]) for parcel in coming),
        *(
            None
            if work["on_hold"] or work["leave_by"] is None
            else arrives_on(
                calendar_of(work["calendar"]), ZoneInfo(work["zone"]), _moment(work["leave_by"]), found.country, now
            )
            for work in found.work
        ),
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@output
class TrackingLink:
    """A link by which anyone who has it can follow one order, without an API key."""

    token: str
    """The token of the link: the argument of `orderTracking`."""
    path: str
    """The path on this server that returns the data of `orderTracking` as JSON."""
    expires_at: datetime
    """When the link stops working."""


@output
class TrackingOfOrder(Record[OrderRow]):
    """The field of an order that lets its customer follow it; `Order` inherits it."""

    @field(
        description="A new link with which the customer can follow the order. The link works until it expires or "
        "`trackingLinkRevoke` ends it."
    )
    async def tracking_link(
        self, info: Info, days: Annotated[int, argument("Days for which the link works, at most 365.")] = DAYS
    ) -> TrackingLink:
        if not 0 < days <= MOST_DAYS:
            raise InvalidValue(problem=f"days is between 1 and {MOST_DAYS}.", field=("days",))
        until = end_of(info.context.work.clock(), timedelta(days=days))
        token = token_of(info.context.secrets, self.row.id, until, self.row.links_revoked)
        return TrackingLink(token=token, path=f"{PATH}/{token}", expires_at=until)


@output
class TrackingQueries:
    """Following an order without a key."""

    @public(
        description=(
            "An order as its customer sees it, found by the token of its `trackingLink`. Needs no API key. A request "
            "without a key can ask for nothing else. Fails with LINK_CHANGED, LINK_EXPIRED or LINK_REVOKED."
        ),
        price=PRICE,
    )
    async def order_tracking(
        self, info: Info, token: Annotated[str, argument("The token of a tracking link.")]
    ) -> OrderTracking:
        now = info.context.work.clock()
        key, revoked = order_behind(info.context.secrets, token, now)
        found = await info.context.load(orders_tracked, key)
        if found is None:
            raise LinkChanged(field=("token",))
        if found.links_revoked != revoked:
            raise LinkRevoked(field=("token",))
        return OrderTracking.of(found, now)
