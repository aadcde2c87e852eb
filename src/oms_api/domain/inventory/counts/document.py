"""A stock count under its lock. Commands read its lines as they need them."""

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.domain.inventory.counts.verbs import LIFE
from oms_api.kernel.access import Principal


class CountDocument(Document[StockCountRow, None]):
    """A stock count under its lock, without its lines."""

    table, life = StockCountRow, LIFE
    published = published_as("status")

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees its location."""
        return principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> None:
        """Return nothing: its status alone decides."""

    def concerned(self) -> Concerned:
        """Return its location."""
        return {"location_ids": (self.was.location_id,)}
