"""Reads of backorders: what waits, and for what."""

from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Several, all_for, by, of
from oms_api.db.sets import among
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import BackorderId, LineId

OLDEST_FIRST = Ordering("placed_at_asc", (BackorderRow.placed_at, BackorderRow.id))
AS_MADE = Ordering("id", (BackorderRow.id,))

visible_to = in_channels(BackorderRow.channel_id)
backorders_by_id: One[BackorderId, BackorderRow] = by(BackorderRow.id, visible=visible_to)
backorders_by_line: Several[LineId, BackorderRow] = of(BackorderRow.line_id, order=AS_MADE)
"""The backorders of each order line, which was seen before."""


@all_for("parent_line_id")
def backorders_by_bundle(lines: Keys, _sight: Sight) -> Select[Any, Any]:
    """Find the backorders of the components of each bundle's order line, which was seen before, oldest first."""
    bundle, part = aliased(OrderLineRow), aliased(OrderLineRow)
    return (
        select(BackorderRow, part.parent_line_id)
        .join(part, part.id == BackorderRow.line_id)
        .join(bundle, and_(bundle.order_id == part.order_id, bundle.id == part.parent_line_id))
        .where(among(bundle.id, lines))
        .order_by(BackorderRow.id)
    )
