"""How suppliers and locations did their work, as clients read it."""

from typing import Annotated

from oms_api.domain.analytics.scorecards import Card, CardOf, scorecards
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.purchasing.suppliers import suppliers_by_id
from oms_api.graphql.analytics.queries import DateRange
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.lists import A_SURVEY
from oms_api.graphql.described import argument, output
from oms_api.graphql.permissions import guarded, query
from oms_api.graphql.purchasing.suppliers import Supplier
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId, SupplierId

Days = Annotated[DateRange, argument("The days, at most 366, in the time zone of each location.")]


@output
class Scorecard:
    """Figures about requests and shipments in a span of days."""

    requests: int
    """Requests that were submitted to the supplier."""
    accepted: int
    """Requests that the supplier accepted, wholly or in part."""
    rejected: int
    """Requests that the supplier rejected as a whole."""
    unanswered: int
    """Requests that count as rejected because the supplier did not answer in time."""
    median_answer_seconds: int | None
    """The median time to an answer, in seconds; null without answers."""
    cancellations_accepted: int
    """Requests whose cancellation the supplier accepted. Where there are several answers, the last one counts."""
    cancellations_rejected: int
    """Requests whose cancellation the supplier rejected. Where there are several answers, the last one counts."""
    rejected_units: int
    """Units that were rejected, by the supplier or by staff. Units of withdrawn requests do not count."""
    missing_units: int
    """Rejected units that were not found, or not fit for sale."""
    shipments: int
    """Shipments that left."""
    late: int
    """Late shipments and pickups: they left, or were ready, after the `leaveBy` of their fulfillment order."""
    packages: int
    """Packages of the shipments that left."""
    lost: int
    """Lost packages of the shipments that left."""

    @classmethod
    def of(cls, card: Card) -> "Scorecard":
        """Show a card."""
        counts = {name: getattr(card, name) for name in COUNTED}
        return cls(median_answer_seconds=card.median_answer_s, **counts)


COUNTED = tuple(name for name in Scorecard.__annotations__ if name != "median_answer_seconds")


@output
class SupplierScorecard:
    """The figures of a supplier at its locations."""

    supplier_id: SupplierId
    """The id of the supplier."""
    counts: Scorecard
    """The figures."""

    @guarded(Scope.PURCHASING_READ, description="The supplier.")
    async def supplier(self, info: Info) -> Supplier | None:
        row = await info.context.load(suppliers_by_id, self.supplier_id)
        return None if row is None else Supplier.of(row)


@output
class LocationScorecard:
    """The figures of a location."""

    location_id: LocationId
    """The id of the location."""
    counts: Scorecard
    """The figures."""

    @guarded(Scope.CHANNELS_READ, description="The location.")
    async def location(self, info: Info) -> Location | None:
        row = await info.context.load(locations_by_id, self.location_id)
        return None if row is None else Location.of(row)


@output
class SupplierScorecards:
    """The figures of suppliers."""

    nodes: list[SupplierScorecard]
    """The first 1,000 suppliers with any figures, by id."""
    has_more: bool
    """Whether there are more."""


@output
class LocationScorecards:
    """The figures of locations."""

    nodes: list[LocationScorecard]
    """The first 1,000 locations with any figures, by id."""
    has_more: bool
    """Whether there are more."""


@output
class ScorecardQueries:
    """Asking how suppliers and locations did their work."""

    @query(
        Scope.REPORTS_READ,
        description=(
            "The figures of suppliers at their locations. A request is counted by the day of its submission, a "
            "rejected unit by the day of the rejection, and a shipment by the day it left. A limited API key sees its "
            "own channels, locations and suppliers only."
        ),
        price=A_SURVEY,
    )
    async def supplier_scorecards(self, info: Info, range: Days) -> SupplierScorecards:
        cards, more = await scorecards(info.context.read, CardOf.SUPPLIER, range.from_, range.before)
        nodes = [SupplierScorecard(supplier_id=SupplierId(card.key), counts=Scorecard.of(card)) for card in cards]
        return SupplierScorecards(nodes=nodes, has_more=more)

    @query(
        Scope.REPORTS_READ,
        description=(
            "The figures of all locations, both the suppliers' and the merchant's own, counted as in "
            "`supplierScorecards`. A limited API key sees its own channels, locations and suppliers only."
        ),
        price=A_SURVEY,
    )
    async def location_scorecards(self, info: Info, range: Days) -> LocationScorecards:
        cards, more = await scorecards(info.context.read, CardOf.LOCATION, range.from_, range.before)
        nodes = [LocationScorecard(location_id=LocationId(card.key), counts=Scorecard.of(card)) for card in cards]
        return LocationScorecards(nodes=nodes, has_more=more)
