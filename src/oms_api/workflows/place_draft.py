"""Placing a draft: its cart becomes an order as any other, once, under the lock of the draft."""

from oms_api.db.documents import changing
from oms_api.db.session import Reader, Tx
from oms_api.domain.orders.drafts.document import DraftDocument
from oms_api.domain.orders.drafts.queries import draft_by_id
from oms_api.domain.orders.drafts.stored import cart_in
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.domain.orders.drafts.verbs import PLACE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderDraftId
from oms_api.workflows.place_order import Placed, place_under_claim


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDraft:
    """Place the order that a draft prepared."""

    order_draft_id: OrderDraftId
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class DraftAsOrder:
    """A draft that was placed, and its order."""

    draft: OrderDraftRow
    placed: Placed

    @property
    def id(self) -> OrderDraftId:
        """The draft, by which a retry finds both."""
        return self.draft.id


async def placed_before(read: Reader, key: OrderDraftId) -> DraftAsOrder:
    """Return what placing a draft came to. Raises: NotFound."""
    draft = await draft_by_id(read, key)
    return DraftAsOrder(draft, Placed(draft.order_id))


async def place_draft(tx: Tx, command: PlaceDraft) -> DraftAsOrder:
    """Place the cart of a draft as it is, and return both.

    Raises: NotFound, VersionConflict, DraftPlaced with the order, DraftDiscarded; what is wrong with the cart, as `place_order`
    tells it, at `cart`.
    """
    async with changing(tx, DraftDocument, PLACE, command.order_draft_id, command.expected_version) as draft:
        try:
            placed = await place_under_claim(tx, cart_in(draft.was.cart))
        except OmsError as error:
            raise error.at("cart") from None
        draft.row.order_id = placed.id
        draft.move()
    return DraftAsOrder(draft.row, placed)
