"""The header of an order under its lock: for what changes neither its units nor its money."""

from collections.abc import Sequence
from typing import ClassVar

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.db.pipeline import Rows
from oms_api.db.sql import Sql
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import LIFE, OrderFacts
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import LocationId

LOCATIONS = Sql("""
SELECT order_id, location_id FROM fulfillment_order WHERE order_id = ANY (:ids::uuid[]) GROUP BY order_id, location_id
ORDER BY location_id
""")


class OrderHeader(Document[OrderRow, None]):
    """An order without its lines, for updates, notes and holds; `location_ids` are those that work on it."""

    table, life = OrderRow, LIFE
    published = published_as(
        "status",
        "priority",
        "tags",
        "country",
        customer_id="customer.id",
        external_ref="externalRef",
        freed_external_ref="freedExternalRef",
        on_hold="onHold",
    )
    more: ClassVar[Sequence[Sql]] = (LOCATIONS,)
    location_ids: tuple[LocationId, ...] = ()

    def take(self, locations: Rows) -> None:
        """Keep the locations that work on it."""
        self.location_ids = tuple(location for (location,) in locations)

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees its channel and all locations that work on it."""
        return principal.sees_channel(self.was.channel_id) and all(map(principal.sees_location, self.location_ids))

    def facts(self, _principal: Principal) -> OrderFacts:
        """Return what is known of it without its lines."""
        return OrderFacts(self.was.status, (), self.was.external_ref, self.was.on_hold)

    def concerned(self) -> Concerned:
        """Return itself, with its channel and the locations that work on it."""
        return {"order_id": self.was.id, "channel_id": self.was.channel_id, "location_ids": self.location_ids}
