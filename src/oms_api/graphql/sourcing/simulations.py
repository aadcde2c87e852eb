"""Simulating sourcing profiles over past orders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.sourcing.queries import simulations_by_id
from oms_api.domain.sourcing.tables import SourcingSimulationRow
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.declared.records import Record, column, entity
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.jobs.types import Job
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import field, query
from oms_api.graphql.scalars import Int64
from oms_api.graphql.sourcing.profiles import SourcingProfileVersion
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, SourcingSimulationId
from oms_api.workflows.simulate_sourcing import SimulateSourcing, simulate_sourcing


@output
class SourcingTallyLocation:
    """The shipments of one location."""

    code: str
    """The code of the location."""
    shipments: int
    """The number of the location's shipments."""


@output
class SourcingTally:
    """The totals of orders, priced by the rates of the simulated version. The extra cost of scarcity does not count."""

    orders: int
    """Orders."""
    units: Int64
    """Units that were immediately available."""
    cost: Money
    """The cost of shipments, weight, handling and split penalties together."""
    shipments: int
    """Shipments: one for each order and location."""
    split_orders: int
    """Orders with more than one shipment."""
    kilometres: Int64
    """The kilometres of all shipments with a known distance, added up."""
    distance_unknown: int
    """Shipments whose distance is not known."""
    unpriced: int
    """Shipments that no rate of the version matches: they add nothing to the cost."""
    short_units: Int64
    """Units that were not immediately available."""
    short_orders: int
    """Orders with units that were not immediately available."""
    locations: list[SourcingTallyLocation]
    """The shipments of each location, sorted by the code of the location."""

    @classmethod
    def of(cls, tally: Mapping[str, Any], currency: str) -> Self:
        """Describe one side of a simulation."""
        places = [SourcingTallyLocation(code=code, shipments=n) for code, n in sorted(tally["by_location"].items())]
        same = {name: tally[name] for name in SAME}
        return cls(cost=Money.of(tally["cost"], currency), distance_unknown=tally["far_unknown"], locations=places, **same)


SAME = ("orders", "units", "shipments", "split_orders", "kilometres", "unpriced", "short_units", "short_orders")


@output
class SourcingSimulationResult:
    """The result of a finished simulation: simulated and real shipments."""

    simulated: SourcingTally
    """The totals of the shipments that the version would have made."""
    happened: SourcingTally
    """The totals of the real sourcing of these orders: units that were shipped, and units that are allocated and not shipped
    yet."""


@entity(simulations_by_id, Scope.CHANNELS_READ)
class SourcingSimulation(Node, Record[SourcingSimulationRow]):
    """The past orders of a channel sourced anew by a version of a profile.

    Stock begins as it was at `from`. Later it changes by all real movements except those of orders, and by the units that the
    simulated orders take. Canceled units are left out. Safety stock and limits on open fulfillment orders are not known for the
    past, and do not count.
    """

    id: SourcingSimulationId
    from_: datetime = column(SourcingSimulationRow.from_at)
    """The start of the time span: only orders placed after it are simulated."""
    to: datetime = column(SourcingSimulationRow.to_at)
    """The end of the time span: only orders placed up to it are simulated."""
    recorded_at: datetime
    """When it was asked for."""
    finished_at: datetime | None
    """When the simulation was finished; null until then."""
    profile_version: SourcingProfileVersion | None = leads_to(SourcingSimulationRow.profile_version_id)
    """The version."""
    channel: Channel | None = leads_to(SourcingSimulationRow.channel_id)
    """The channel."""
    job: Job | None = leads_to(SourcingSimulationRow.job_id)
    """The job of the simulation: it shows the progress, and `jobCancel` stops it. Null for clients other than the one that
    started the simulation."""

    @field(description="The result of the simulation; null until it is finished.")
    async def result(self, info: Info) -> SourcingSimulationResult | None:
        channel = await info.context.load(channels_by_id, self.row.channel_id)
        if self.row.result is None or channel is None:
            return None
        sides = {name: SourcingTally.of(self.row.result[name], channel.currency) for name in ("simulated", "happened")}
        return SourcingSimulationResult(**sides)


@input_type
class SourcingSimulateInput(Input[SimulateSourcing]):
    """The profile, the channel and the time span to simulate."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the simulation that the first call
    requested."""
    channel_id: ChannelId
    """The channel whose orders are sourced anew, from its present locations."""
    profile: str
    """The code of the profile."""
    version: int | None = becomes("number", default=None)
    """The number of the profile's version, which may be a draft; the newest by default."""
    from_: datetime = becomes("from_at")
    """The start: orders placed after it are sourced, beginning with the stock of that moment."""
    to: datetime = becomes("to_at")
    """The end: orders placed up to this time are sourced. It must not be in the future."""


@output
class SourcingSimulatePayload(Payload):
    """The requested simulation, or why there is none."""

    sourcing_simulation: SourcingSimulation | None = None
    """The simulation. Its job shows the progress."""


@output
class SourcingSimulationMutations:
    """Simulating sourcing profiles."""

    sourcing_simulate = carries_out(
        simulate_sourcing, SourcingSimulateInput, SourcingSimulatePayload, Scope.CHANNELS_WRITE, describes="The simulation."
    )
    """Start a job that simulates a version of a profile. The job sources past orders of a channel with that version, and
    compares the result with the real sourcing. Nothing is changed. Fails with LIMITED_KEY for an API key that is limited to
    certain channels or locations."""


@output
class SourcingSimulationQueries:
    """Asking for simulations."""

    @query(Scope.CHANNELS_READ, description="A simulation of a sourcing profile; null where there is none.")
    async def sourcing_simulation(
        self, info: Info, id: Annotated[SourcingSimulationId, argument("The simulation.")]
    ) -> SourcingSimulation | None:
        found: SourcingSimulation | None = await SourcingSimulation.fetch(info, id)
        return found
