"""A draft under its lock."""

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.domain.orders.drafts.verbs import LIFE, Became
from oms_api.kernel.access import Principal


class DraftDocument(Document[OrderDraftRow, None]):
    """A draft, whose cart is changed as a whole."""

    table, life = OrderDraftRow, LIFE
    published = published_as("status", channel_id="channel.id", order_id="order.id")

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees its channel."""
        return principal.sees_channel(self.was.channel_id)

    def facts(self, _principal: Principal) -> Became:
        """Return the order that it became."""
        return self.was.order_id

    def concerned(self) -> Concerned:
        """Return its channel, and the order that it became."""
        return {"channel_id": self.row.channel_id, "order_id": self.row.order_id}
