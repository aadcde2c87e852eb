"""Documents that are to become orders, as clients read them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from oms_api.domain.intake.errors import OrderIntakePlaced
from oms_api.domain.intake.queries import attempts_by_intake, intakes_by_id, intakes_by_order
from oms_api.domain.intake.states import OrderIntakeStatus
from oms_api.domain.intake.tables import OrderIntakeAttemptRow, OrderIntakeRow
from oms_api.domain.intake.verbs import LIFE
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to, many
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import JsonValue
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderId, OrderIntakeId

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
enum(OrderIntakeStatus)


@output
class OrderIntakeProblem:
    """One mistake in a document."""

    code: str
    """The code of the error."""
    message: str
    """The mistake and its remedy."""
    field: list[str]
    """The path of the mistake: in `document`, or in the order that was read from the document. Empty if the mistake concerns
    the whole document."""


def _problems(stored: Any) -> list[OrderIntakeProblem]:
    return [OrderIntakeProblem(code=each["code"], message=each["message"], field=each["field"]) for each in stored]


@output
class OrderIntakeAttempt(Record[OrderIntakeAttemptRow]):
    """One attempt to read a document."""

    number: int
    """The number of the attempt, from 1."""
    status: OrderIntakeStatus
    """The result: PLACED, REFUSED or UNREADABLE."""
    errors: list[OrderIntakeProblem] = made(_problems, OrderIntakeAttemptRow.errors)
    """The mistakes that were found, at most 100."""
    actor: str
    """The person or program that read the document."""
    attempted_at: datetime
    """When the document was read."""


async def _actions(_info: Info, intake: OrderIntakeRow) -> list[AvailableAction]:
    return AvailableAction.of(LIFE.actions(intake.status, intake.order_id))


@entity(intakes_by_id, Scope.ORDERS_READ)
class OrderIntake(Node, Record[OrderIntakeRow]):
    """A document of another system that is to become an order, kept as it came."""

    id: OrderIntakeId
    source: str
    """The system that the document comes from."""
    external_ref: str | None
    """The source's reference of the document, unique among the documents of the source; null where it has none."""
    document: JsonValue = made(JsonValue, OrderIntakeRow.document, scope=Scope.CUSTOMERS_READ)
    """The document as JSON, which may contain personal data."""
    status: OrderIntakeStatus
    """The state of the document: whether it was read, and whether it became an order."""
    attempts: list[OrderIntakeAttempt] = many(attempts_by_intake, OrderIntakeAttempt)
    """The attempts to read the document, each with its result; oldest first, at most 250."""
    note: str | None
    """The remark of the person or program that discarded the document; null for none."""
    actor: str
    """The person or program that submitted the document."""
    version: int
    """Increases with every change."""
    received_at: datetime
    """When the document was received."""
    updated_at: datetime
    """When it was last changed."""
    channel: Channel | None = leads_to(OrderIntakeRow.channel_id)
    """The channel of the document's order; null until it is placed."""
    order: OrderType | None = leads_to(OrderIntakeRow.order_id)
    """The order that the document became; null until it is placed."""
    available_actions: list[AvailableAction] = answered(_actions)
    """The actions on it, and whether each is allowed now."""


@output
class IntakeOfOrder(Record[OrderRow]):
    """The field of an order that tells what it came of; `Order` inherits it."""

    intake: OrderIntake | None = leads_to(OrderRow.id, intakes_by_order, OrderIntake)
    """The document of another system that the order came from; null where there is none."""


@represents(OrderIntakePlaced, lambda error: {"order_id": error.order_id})
@output
class OrderIntakePlacedError(UserError):
    """The document became an order already."""

    order_id: strawberry.Private[OrderId | None]

    @field(description="The order that the document became.")
    async def order(self, info: Info) -> OrderType | None:
        from oms_api.graphql.orders.types import Order  # noqa: PLC0415 - orders show what they came of

        return None if self.order_id is None else await Order.fetch(info, self.order_id)
