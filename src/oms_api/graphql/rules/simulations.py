"""Simulating rules over past orders."""

from asyncio import gather
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from oms_api.domain.orders.queries import orders_by_id
from oms_api.domain.rules.commands.simulate import SimulateRule, simulate_rule
from oms_api.domain.rules.queries import simulations_by_id
from oms_api.domain.rules.tables import OrderRuleSimulationRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.jobs.types import Job
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import guarded, query
from oms_api.graphql.rules.types import OrderRule
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderId, OrderRuleId, OrderRuleSimulationId


def amounts_of(amounts: Mapping[str, int]) -> list[Money]:
    """Return amounts by currency."""
    return [Money.of(minor, currency) for currency, minor in sorted(amounts.items())]


@output
class OrderRuleSimulationMonth:
    """The matches of a rule among the orders of one month."""

    month: str
    """The month in the channel's time zone: "2010-03"."""
    asked: int
    """Orders of the month on which the rule was tried."""
    matched: int
    """Orders of the month that match."""
    amounts: list[Money]
    """The totals of the month's orders that match, by currency."""

    @classmethod
    def of_all(cls, months: Mapping[str, Any]) -> list[Self]:
        """Describe the months, the first first."""
        return [
            cls(month=name, asked=each["asked"], matched=each["matched"], amounts=amounts_of(each["amounts"]))
            for name, each in sorted(months.items())
        ]


@entity(simulations_by_id, Scope.RULES_READ)
class OrderRuleSimulation(Node, Record[OrderRuleSimulationRow]):
    """The trial of one version of a rule on past orders.

    Each order is taken as it was after its last edit, and canceled units count as ordered. The numbers grow while the job runs.
    """

    id: OrderRuleSimulationId
    number: int
    """The number of the version."""
    since: datetime
    """The start: the rule is evaluated for orders placed from then on."""
    until: datetime
    """The end: the rule is evaluated for orders placed before then."""
    asked: int
    """Orders evaluated so far."""
    matched: int
    """Orders that match."""
    failed: int
    """Orders for which the condition could not be evaluated. An ACTIVE rule would put them on hold."""
    first_error: str | None
    """Why the condition could not be evaluated for the first of the failed orders; null for none."""
    amounts: list[Money] = made(amounts_of, OrderRuleSimulationRow.amounts)
    """The totals of the orders that match, by currency."""
    months: list[OrderRuleSimulationMonth] = made(OrderRuleSimulationMonth.of_all, OrderRuleSimulationRow.months)
    """The numbers and amounts by month."""
    actor: str
    """The person or program that asked for the simulation."""
    created_at: datetime
    """When it was asked for."""
    finished_at: datetime | None
    """When the last order was evaluated; null until then."""
    rule: OrderRule = leads_to(OrderRuleSimulationRow.rule_id)
    """The rule."""
    job: Job | None = leads_to(OrderRuleSimulationRow.job_id)
    """The job of the simulation: it shows the progress, and `jobCancel` stops it. Null for clients other than the one that
    started the simulation."""

    @guarded(Scope.ORDERS_READ, description="The first orders that match, 20 at most.")
    async def samples(self, info: Info) -> list[Order]:
        keys = [OrderId(UUID(each)) for each in self.row.samples]
        found = await gather(*(info.context.load(orders_by_id, key) for key in keys))
        return Order.of_all([row for row in found if row is not None])


@input_type
class OrderRuleSimulateInput(Input[SimulateRule]):
    """The rule to simulate, and the time span of the orders."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same simulation."""
    rule_id: OrderRuleId
    """The rule."""
    since: datetime
    """The start: the rule is evaluated for orders placed from then on."""
    until: datetime
    """The end: the rule is evaluated for orders placed before then."""
    number: int | None = None
    """The number of the version; by default the last version."""


@output
class OrderRuleSimulatePayload(Payload):
    """The simulation, or why there is none."""

    order_rule_simulation: OrderRuleSimulation | None = None
    """The simulation. Its job shows the progress."""


@output
class OrderRuleSimulationQueries:
    """Asking for simulations of rules."""

    @query(Scope.RULES_READ, description="A simulation of a rule; null where there is none.")
    async def order_rule_simulation(
        self, info: Info, id: Annotated[OrderRuleSimulationId, argument("The simulation.")]
    ) -> OrderRuleSimulation | None:
        found: OrderRuleSimulation | None = await OrderRuleSimulation.fetch(info, id)
        return found


@output
class OrderRuleSimulationMutations:
    """Simulating rules."""

    order_rule_simulate = carries_out(
        simulate_rule,
        OrderRuleSimulateInput,
        OrderRuleSimulatePayload,
        Scope.RULES_WRITE,
        describes="The rule and the time span.",
    )
    """Try a version of a rule on past orders; the rule may be in any mode. The job counts the orders that match, adds up their
    amounts and lists samples. For each order, the history of its customer and address is taken as it was when the order was
    placed. Nothing is changed."""
