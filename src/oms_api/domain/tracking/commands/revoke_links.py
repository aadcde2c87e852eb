"""Taking the links back by which somebody follows an order."""

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.header import OrderHeader
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import UPDATE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeLinks:
    """Let nobody follow an order any more by a link that was given so far."""

    order_id: OrderId
    expected_version: int | None = None


async def revoke_links(tx: Tx, command: RevokeLinks) -> OrderRow:
    """End all tracking links of an order, and return the order. Raises: NotFound, VersionConflict."""
    async with changing(tx, OrderHeader, UPDATE, command.order_id, command.expected_version) as order:
        order.row.links_revoked = order.was.links_revoked + 1
        order.also("trackingLink", None, None)
    return order.row
