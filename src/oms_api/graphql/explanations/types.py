"""Why an order stands where it stands, as people read it."""

from asyncio import gather
from datetime import date, datetime
from typing import Self

import strawberry

from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.permissions import field
from oms_api.kernel.clock import system_clock
from oms_api.kernel.ids import IdKind, text_id
from oms_api.workflows.explain_order import Cause, CauseCode, explain, facts_of

enum(CauseCode)


@output
class OrderStatusCause:
    """One cause why an order is not finished yet, or why it ended."""

    cause: strawberry.Private[Cause]
    code: CauseCode
    """The kind of cause."""
    text: str
    """The cause in a sentence, with days and hours in the channel's time zone."""
    since: datetime | None
    """When the cause began; null where that is not known."""
    until: datetime | None
    """When the cause is expected to end; null where no time is known."""
    until_day: date | None
    """The day when the cause is expected to end; null where no day is known."""
    line_ids: list[strawberry.ID]
    """The lines that the cause concerns."""

    @classmethod
    def of(cls, cause: Cause) -> Self:
        """Show *cause*."""
        line_ids = [strawberry.ID(text_id(IdKind.LINE, key)) for key in cause.line_ids]
        return cls(
            cause=cause,
            code=cause.code,
            text=cause.text,
            since=cause.since,
            until=cause.until,
            until_day=cause.until_day,
            line_ids=line_ids,
        )

    @field(
        description="The records behind the cause, such as a hold, a purchase order or a shipment, "
        "as far as the API key may see them."
    )
    async def records(self, info: Info) -> list[Node]:
        found = await gather(*(fetch_if_permitted(info, text_id(kind, key)) for kind, key in self.cause.records))
        return [node for node in found if node is not None]


@output
class OrderStatusExplanation:
    """The causes why an order is not finished yet, or why it ended, the most serious first."""

    summary: str
    """The first causes, joined in one text."""
    causes: list[OrderStatusCause]
    """All causes; at least one."""


async def explanation_of(info: Info, order: OrderRow) -> OrderStatusExplanation:
    """Return why *order* stands where it stands."""
    found = explain(await facts_of(info.context.load, info.context.principal, order, system_clock()))
    return OrderStatusExplanation(summary=found.summary, causes=[OrderStatusCause.of(cause) for cause in found.causes])


@output
class ExplanationOfOrder(Record[OrderRow]):
    """The field of an order that explains its status; `Order` inherits it."""

    status_explanation: OrderStatusExplanation = answered(explanation_of)
    """Why the order is not finished yet, or why it ended."""
