"""A proposed change of an order under its lock."""

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.domain.orders.changes.verbs import LIFE
from oms_api.kernel.access import Principal


class OrderChangeDocument(Document[OrderChangeRow, None]):
    """A change that was proposed, to be applied or declined."""

    table, life = OrderChangeRow, LIFE
    published = published_as("status")

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees the channel of its order."""
        return principal.sees_channel(self.was.channel_id)

    def facts(self, _principal: Principal) -> None:
        """Return nothing: its status alone decides."""

    def concerned(self) -> Concerned:
        """Return its order and channel."""
        return {"order_id": self.was.order_id, "channel_id": self.was.channel_id}
