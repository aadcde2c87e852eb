"""A document that is to become an order, under its lock."""

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.domain.intake.tables import OrderIntakeRow
from oms_api.domain.intake.verbs import LIFE, Became
from oms_api.kernel.access import Principal


class IntakeDocument(Document[OrderIntakeRow, None]):
    """A document that is to become an order."""

    table, life = OrderIntakeRow, LIFE
    published = published_as("status", "attempts", order_id="order.id")

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees the channel of its order; before it has one, who is not limited to channels does."""
        if self.was.channel_id is None:
            return principal.channels is None
        return principal.sees_channel(self.was.channel_id)

    def facts(self, _principal: Principal) -> Became:
        """Return the order that it became."""
        return self.was.order_id

    def concerned(self) -> Concerned:
        """Return the order that it became, with its channel."""
        return {"channel_id": self.row.channel_id, "order_id": self.row.order_id}
