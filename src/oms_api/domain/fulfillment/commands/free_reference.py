"""Freeing the external reference of a canceled order, so that another order of its channel can have it."""

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.header import OrderHeader
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import FREE_REFERENCE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeReference:
    """Let a canceled order give its external reference up."""

    order_id: OrderId
    expected_version: int | None = None


async def free_reference(tx: Tx, command: FreeReference) -> OrderRow:
    """Free the external reference of a canceled order, and return the order.

    Raises: NotFound, VersionConflict, OrderNotCanceled, NoExternalRef.
    """
    async with changing(tx, OrderHeader, FREE_REFERENCE, command.order_id, command.expected_version) as order:
        order.row.external_ref, order.row.freed_external_ref = None, order.was.external_ref
    return order.row
