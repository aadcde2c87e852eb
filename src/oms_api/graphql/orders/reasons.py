"""The reasons for which orders are canceled, held and changed, and work is rejected."""

from typing import Annotated

from oms_api.domain.orders.reasons.commands.upsert import UpsertOrderReason, upsert_order_reason
from oms_api.domain.orders.reasons.queries import all_reasons, order_reasons_by_id
from oms_api.domain.orders.reasons.states import OrderReasonUse, RejectEffect
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.nodes import Node
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderReasonId

for states in (OrderReasonUse, CancelReason, CanceledStock, RejectEffect):
    enum(states)


@entity(order_reasons_by_id, Scope.ORDERS_READ)
class OrderReason(Node, Record[OrderReasonRow]):
    """A reason for cancellations, holds or changes of orders, or for rejected fulfillment orders."""

    id: OrderReasonId
    use: OrderReasonUse
    """Its purpose."""
    code: str
    """The code of the reason: unique among the reasons of the same use, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    cancel_reason: CancelReason | None
    """The `reason` of cancellations with this code; null unless the use is CANCEL."""
    stock: CanceledStock | None
    """The state of the promised units after a cancellation with this reason, unless the cancellation names another state. Null
    for the default: RELEASE, or INSPECT where `cancelReason` is INVENTORY."""
    effect: RejectEffect | None
    """How a rejection with this reason corrects stock; null unless its use is REJECT."""
    active: bool
    """Whether it can be used."""


@input_type
class OrderReasonUpsertInput(Input[UpsertOrderReason]):
    """A reason, identified by its use and code. If it exists, fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same reason."""
    use: OrderReasonUse
    """Its purpose."""
    code: str
    """The code of the reason: unique among the reasons of the same use, case-sensitive, without blanks around it."""
    name: str | None = None
    """The name shown to people; required for a new reason."""
    cancel_reason: CancelReason | None = None
    """The `reason` of cancellations with this code. For CANCEL only; OTHER by default for a new code."""
    stock: CanceledStock | None = None
    """The state of the promised units after a cancellation with this reason, unless the cancellation names another state. For
    CANCEL only."""
    effect: RejectEffect | None = None
    """How a rejection with this reason corrects stock; NOTHING by default for a new reason. For REJECT only."""
    active: bool | None = None
    """Whether it can be used; true by default for a new reason."""


@output
class OrderReasonUpsertPayload(Payload):
    """The reason as it is now, or why it was not saved."""

    order_reason: OrderReason | None = None
    """The reason."""


@output
class OrderReasonQueries:
    """Asking for the reasons of orders."""

    @query(
        Scope.ORDERS_READ,
        description=(
            "All reasons for cancellations, holds and changes of orders, and for rejected fulfillment orders. They "
            "are sorted by their purpose (`use`), then by code."
        ),
    )
    async def order_reasons(
        self, info: Info, use: Annotated[OrderReasonUse | None, argument("Only reasons with this purpose.")] = None
    ) -> list[OrderReason]:
        return OrderReason.of_all(await info.context.read.all(all_reasons(use)))


@output
class OrderReasonMutations:
    """Making the reasons of orders."""

    order_reason_upsert = carries_out(
        upsert_order_reason, OrderReasonUpsertInput, OrderReasonUpsertPayload, Scope.ORDERS_WRITE, describes="The reason."
    )
    """Create or change a reason for cancellations, holds or changes of orders, or for rejected work."""
