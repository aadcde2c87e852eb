"""What was canceled of an order, as clients read it."""

from datetime import datetime

from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.orders.queries import cancellation_lines, cancellations_by_id, cancellations_by_order
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.domain.orders.tables import OrderCancellationLineRow, OrderCancellationRow, OrderRow
from oms_api.domain.payments.queries import refunds_by_cancellation
from oms_api.domain.returns.queries import orders_by_line
from oms_api.graphql.declared.links import leads_to, loaded, many
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import output
from oms_api.graphql.fulfillment.types import OrderLineType
from oms_api.graphql.refunds.types import Refund
from oms_api.graphql.returns.value import ReturnValue
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CancellationId, CancellationLineId


@output
class OrderCancellationLine(Record[OrderCancellationLineRow]):
    """Units of one line that were canceled together."""

    id: CancellationLineId
    """The id. The `cause` of the stock movements of these units has this id."""
    quantity: int
    """Units."""
    line: OrderLineType = leads_to(OrderCancellationLineRow.line_id)
    """The canceled line. A canceled bundle has an entry for its own line and one for each component."""
    value: ReturnValue = loaded(
        orders_by_line,
        lambda order, *amounts: ReturnValue.of(LineMoney(*amounts), order),
        key=OrderCancellationLineRow.line_id,
        along=(
            OrderCancellationLineRow.goods_minor,
            OrderCancellationLineRow.discount_minor,
            OrderCancellationLineRow.shipping_minor,
            OrderCancellationLineRow.tax_minor,
        ),
    )
    """The share of the line's price that is no longer due. A bundle's value is shown on its line and again on its components:
    do not add both."""


@entity(cancellations_by_id, None)
class OrderCancellation(Record[OrderCancellationRow]):
    """Units of an order that were canceled together."""

    id: CancellationId
    """The id."""
    reason: CancelReason
    """The reason. If a `reasonCode` was given, it is the `cancelReason` of the order reason with this code."""
    reason_code: str | None
    """The code of the reason; null where none was given. See `orderReasons`."""
    stock: CanceledStock
    """The state of the units that were promised."""
    note: str | None
    """The remark on it."""
    actor: str
    """The author."""
    occurred_at: datetime
    """When they were canceled; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    lines: list[OrderCancellationLine] = many(cancellation_lines, OrderCancellationLine)
    """The canceled units, by line."""
    refund: Refund | None = leads_to(OrderCancellationRow.id, refunds_by_cancellation, Refund, scope=Scope.PAYMENTS_READ)
    """The refund granted with the cancellation; null for none."""


@output
class CancellationsOfOrder(Record[OrderRow]):
    """The field of an order that tells of its cancellations; `Order` inherits it."""

    cancellations: list[OrderCancellation] = many(cancellations_by_order, OrderCancellation)
    """Its cancellations, oldest first, at most 250."""
