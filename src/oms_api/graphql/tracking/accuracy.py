"""Promise accuracy, as clients read it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.tracking.accuracy import Accuracy, AccuracyQuestion, Lane, LaneKey, PromisesKept, promise_accuracy
from oms_api.graphql.analytics.queries import DateRange
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.lists import A_SURVEY
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.permissions import field, query
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, LocationId

enum(LaneKey, name="PromiseLaneKey")


@output
class PromiseCounts:
    """Counts of packages: how many arrived on time, late, or not at all.

    packages = onTime + lateOneDay + lateTwoDays + lateMore + onTheirWay + undelivered.
    """

    packages: int
    """Packages that left and have a `promisedOn`."""
    delivered: int
    """Packages that arrived."""
    on_time: int
    """Packages that arrived on their promised day or before."""
    late_one_day: int
    """Packages that arrived one day late."""
    late_two_days: int
    """Packages that arrived two days late."""
    late_more: int
    """Packages that arrived three or more days late."""
    on_their_way: int
    """Packages that have not arrived yet, overdue packages included."""
    overdue: int
    """Packages that have not arrived yet although their promised day is over."""
    undelivered: int
    """Packages that were lost, or came back."""
    left_late: int
    """Packages that are late, overdue or undelivered, and that left too late to arrive on their promised day."""
    share_on_time: Decimal | None
    """The share of packages that arrived on time: "0.98". The whole is all packages that arrived, are overdue, were lost or
    came back; null where there are none."""

    @classmethod
    def of(cls, kept: PromisesKept) -> Self:
        """Show what was counted."""
        return cls(**{name: getattr(kept, name) for name in COUNTED})


COUNTED = tuple(PromiseCounts.__annotations__)


@output
class PromiseLane:
    """One lane, with the counts of its packages: how many arrived on time, late, or not at all.

    A lane is a group of packages with the same values for the keys that the argument `by` names.
    """

    lane: strawberry.Private[Lane]
    week: date | None
    """The Monday of the week in which the packages left, in their location's time zone; null unless packages are grouped by
    WEEK."""
    location_id: LocationId | None
    """The id of the location that sent the packages; null unless packages are grouped by LOCATION."""
    country: CountryCode | None
    """The country that the packages go to; null where it is not known, or where packages are not grouped by COUNTRY."""
    carrier: str | None
    """The carrier of the packages; null where it is not known, or where packages are not grouped by SERVICE."""
    service: str | None
    """The carrier's service on the packages' labels, or else the method of their shipment; null where it is not known, or where
    packages are not grouped by SERVICE."""
    counts: PromiseCounts
    """How many packages of the lane arrived on time, late and so on."""

    @classmethod
    def of(cls, lane: Lane) -> Self:
        """Show a lane."""
        return cls(
            lane=lane,
            week=lane.week,
            location_id=lane.location_id,
            country=None if lane.country is None else CountryCode(lane.country),
            carrier=lane.carrier,
            service=lane.service,
            counts=PromiseCounts.of(lane),
        )

    @field(description="The location that sent the packages; null unless packages are grouped by LOCATION.")
    async def location(self, info: Info) -> Location | None:
        key = self.lane.location_id
        row = None if key is None else await info.context.load(locations_by_id, key)
        return None if row is None else Location.of(row)


@output
class PromiseAccuracy:
    """Counts of packages: how many arrived on time, late, or not at all."""

    lanes: list[PromiseLane]
    """The first 1,000 lanes, sorted by week, location, country, carrier and service. The argument `by` chooses what makes a
    lane."""
    has_more_lanes: bool
    """Whether there are more than the first 1,000 lanes. A lane is a group of packages by the keys in `by`. To see all lanes,
    ask for fewer days or fewer keys."""
    total: PromiseCounts
    """All packages together."""

    @classmethod
    def of(cls, found: Accuracy) -> Self:
        """Show a report."""
        lanes = [PromiseLane.of(lane) for lane in found.lanes]
        return cls(lanes=lanes, has_more_lanes=found.more, total=PromiseCounts.of(found.total))


@input_type
class PromiseAccuracyFilterInput:
    """Conditions on packages; all must be true."""

    channel_id: ChannelId | None = None
    """Packages of this channel."""
    location_id: LocationId | None = None
    """Packages that left this location."""
    country: CountryCode | None = None
    """Packages to this country."""
    carrier: str | None = None
    """Packages of this carrier."""
    service: str | None = None
    """Packages sent by this service."""


@output
class PromiseAccuracyQueries:
    """Asking how well promises are kept."""

    @query(
        Scope.SHIPPING_READ,
        description=(
            "The number of packages that arrived on their promised day (`promisedOn`), by location, country, service "
            "and week. A limited API key sees its own channels and locations only."
        ),
        price=A_SURVEY,
    )
    async def promise_accuracy(
        self,
        info: Info,
        range: Annotated[DateRange, argument("The days on which packages left, at most 366.")],
        by: Annotated[
            list[LaneKey] | None,
            argument("The keys by which packages are grouped into lanes, each key at most once; by default all keys."),
        ] = None,
        where: Annotated[
            PromiseAccuracyFilterInput | None, argument("Conditions on packages; by default, all packages are included.")
        ] = None,
    ) -> PromiseAccuracy:
        wanted = where or PromiseAccuracyFilterInput()
        question = AccuracyQuestion(
            start=range.from_,
            before=range.before,
            by=tuple(LaneKey) if by is None else tuple(by),
            channel_id=wanted.channel_id,
            location_id=wanted.location_id,
            country=wanted.country,
            carrier=wanted.carrier,
            service=wanted.service,
        )
        return PromiseAccuracy.of(await promise_accuracy(info.context.read, question, info.context.work.clock()))
