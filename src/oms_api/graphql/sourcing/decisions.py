"""The decisions of profiles on orders, and the sources of lines, as clients read them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import strawberry

from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.fulfillment.queries import allocations_by_id
from oms_api.domain.fulfillment.tables import AllocationRow
from oms_api.domain.orders.queries import orders_by_id
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.sourcing.explaining import CandidateLocation, DecidedStep
from oms_api.domain.sourcing.queries import decisions_by_id, decisions_by_order
from oms_api.domain.sourcing.states import SourcingAct
from oms_api.domain.sourcing.tables import SourcingDecisionRow
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.records import Record, column, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.money import Money
from oms_api.graphql.permissions import field
from oms_api.graphql.sourcing.profiles import SourcingProfileVersion
from oms_api.kernel.ids import AllocationId, LocationId, SourcingDecisionId
from oms_api.kernel.money import amount_text, exponent

enum(SourcingAct)


@output
class SourcingTerm:
    """A term by which locations are compared: a part of the cost of serving an order from a location, or else the distance."""

    name: str
    """The kind of this part of the cost: `shipment`, `weight`, `handling`, `scarcity`, `split`, or `distance`."""
    amount: Decimal
    """The amount in the order's currency, or the kilometres for `distance`."""

    @classmethod
    def of(cls, name: str, amount: int, currency: str) -> Self:
        """Describe a term."""
        text = f"{amount / 1000:.1f}" if name == "distance" else amount_text(amount, exponent(currency))
        return cls(name=name, amount=Decimal(text))


@output
class SourcingCandidate:
    """A location that a step considered."""

    location_id: strawberry.Private[LocationId]
    units: int
    """Units that the location was chosen to supply. For a location that was not chosen, the units that it could have
    supplied."""
    cost: Money | None
    """The cost of these units from the location; null where the step does not compare costs, or the location could not
    serve."""
    terms: list[SourcingTerm]
    """The parts of the cost. For a step that compares distances, the distance."""
    rejected_because: str | None
    """Why the location was not chosen; null where it was."""

    @field(description="The location; null where the API key does not see it.")
    async def location(self, info: Info) -> Location | None:
        found = await info.context.load(locations_by_id, self.location_id)
        return None if found is None else Location.of(found)

    @classmethod
    def of_stored(cls, stored: Sequence[dict[str, Any]], currency: str) -> list[Self]:
        """Describe the candidates of a decision."""
        return [
            cls(
                location_id=LocationId(UUID(each["location"])),
                units=each["units"],
                cost=None if each["cost"] is None else Money.of(each["cost"], currency),
                terms=[SourcingTerm.of(name, amount, currency) for name, amount in each["terms"]],
                rejected_because=each["rejected"],
            )
            for each in stored
        ]

    @classmethod
    def of_decided(cls, found: Sequence[CandidateLocation], currency: str) -> list[Self]:
        """Describe the candidates of what would be decided."""
        return [
            cls(
                location_id=each.location,
                units=each.units,
                cost=None if each.cost is None else Money.of(each.cost, currency),
                terms=[SourcingTerm.of(name, amount, currency) for name, amount in each.terms],
                rejected_because=each.rejected,
            )
            for each in found
        ]


@output
class SourcingChoice:
    """Units that come from one location."""

    location_id: strawberry.Private[LocationId]
    units: int
    """The units."""

    @field(description="The location; null where the API key does not see it.")
    async def location(self, info: Info) -> Location | None:
        found = await info.context.load(locations_by_id, self.location_id)
        return None if found is None else Location.of(found)


@output
class SourcingStepPreview:
    """The decision that one step of a profile would make."""

    step: str | None
    """The step; null for the units that no step serves."""
    bounded: bool
    """Whether the search was cut short. The choice is then the best that was found."""
    candidates: list[SourcingCandidate]
    """All locations of the channel with their costs. A location that was not chosen also has the reason."""
    chosen: list[SourcingChoice]
    """The locations that would serve the order, with their units."""

    @classmethod
    def of(cls, decided: DecidedStep, currency: str) -> Self:
        """Describe what a step would decide."""
        return cls(
            step=decided.step,
            bounded=decided.bounded,
            candidates=SourcingCandidate.of_decided(decided.candidates, currency),
            chosen=[SourcingChoice(location_id=each.location, units=each.units) for each in decided.chosen],
        )


@entity(decisions_by_id, None)
class SourcingDecision(Record[SourcingDecisionRow]):
    """The decision of one step of a sourcing profile on an order."""

    id: SourcingDecisionId
    """Its id."""
    act: SourcingAct
    """The occasion of the decision."""
    step: str | None
    """The step; null for the units that no step serves."""
    bounded: bool
    """Whether the search was cut short. The choice is then the best that was found."""
    decided_at: datetime = column(SourcingDecisionRow.created_at)
    """When the decision was made."""
    profile_version: SourcingProfileVersion | None = leads_to(SourcingDecisionRow.profile_version_id)
    """The version of the profile that decided."""

    @field(description="All locations of the channel with their costs. A location that was not chosen also has the reason.")
    async def candidates(self, info: Info) -> list[SourcingCandidate]:
        order = await info.context.load(orders_by_id, self.row.order_id)
        return SourcingCandidate.of_stored(self.row.candidates, order.currency) if order else []

    @field(description="The locations that serve the order, with their units.")
    def chosen(self) -> list[SourcingChoice]:
        return [SourcingChoice(location_id=LocationId(UUID(each["location"])), units=each["units"]) for each in self.row.chosen]


@output
class DecisionsOfOrder(Record[OrderRow]):
    """The field of an order that tells how its locations were chosen; `Order` inherits it."""

    sourcing_decisions: list[SourcingDecision] = many(decisions_by_order, SourcingDecision)
    """The decisions of the channel's sourcing profile on the order, step by step, oldest first; empty without a profile."""


@entity(allocations_by_id, None)
class Allocation(Record[AllocationRow]):
    """Units that one location has promised to an order line."""

    id: AllocationId
    """Its id."""
    quantity: int
    """Units promised."""
    allocated: int
    """Promised units that are not yet released to the location."""
    in_fulfillment: int
    """Promised units that the location has to ship."""
    shipped: int = column(AllocationRow.consumed)
    """Promised units that left."""
    released: int
    """Units whose promise was ended before they shipped."""
    reason: str
    """Why the units come from this location."""
    created_at: datetime
    """When the units were promised."""
    location: Location | None = leads_to(AllocationRow.location_id)
    """The location; null where the API key does not see it."""
