"""Rejections of work, as clients read them."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.fulfillment.rejections.queries import rejection_lines, rejections_by_id
from oms_api.domain.fulfillment.rejections.tables import FulfillmentRejectionLineRow, FulfillmentRejectionRow
from oms_api.domain.orders.reasons.states import RejectEffect
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import RejectionId

OrderLineType = Annotated["OrderLine", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
StockCountType = Annotated["StockCount", strawberry.lazy("oms_api.graphql.counts.types")]  # type: ignore[name-defined]  # noqa: F821
AdjustmentType = Annotated["InventoryAdjustment", strawberry.lazy("oms_api.graphql.inventory.types")]  # type: ignore[name-defined]  # noqa: F821
enum(RejectEffect)


@output
class FulfillmentRejectionLine(Record[FulfillmentRejectionLineRow]):
    """Units of one line that a location rejected."""

    quantity: int
    """Units."""
    line: OrderLineType = leads_to(FulfillmentRejectionLineRow.line_id)
    """The order's line."""


@entity(rejections_by_id, Scope.SHIPPING_READ)
class FulfillmentRejection(Node, Record[FulfillmentRejectionRow]):
    """Units of a fulfillment order that its location could not send."""

    id: RejectionId
    reason: str
    """The code of the reason; see `orderReasons`."""
    effect: RejectEffect
    """How stock was corrected."""
    note: str | None
    """The remark on it."""
    actor: str
    """The person or program that rejected the units."""
    rejected_at: datetime
    """When the units were rejected."""
    lines: list[FulfillmentRejectionLine] = many(rejection_lines, FulfillmentRejectionLine)
    """The units, by line, at most 250 lines."""
    adjustment: AdjustmentType | None = leads_to(FulfillmentRejectionRow.adjustment_id, scope=Scope.INVENTORY_READ)
    """The stock correction that wrote the units off; null where there was none."""
    stock_count: StockCountType | None = leads_to(FulfillmentRejectionRow.count_id, scope=Scope.INVENTORY_READ)
    """The stock count that was opened; null where there was none."""
