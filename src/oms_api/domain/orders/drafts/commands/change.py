"""Making a draft, changing it and giving it up."""

from dataclasses import field
from typing import TypedDict

from oms_api.db.documents import changing
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.orders.drafts.changing import ChangeCart
from oms_api.domain.orders.drafts.document import DraftDocument
from oms_api.domain.orders.drafts.events import OrderDraftCreated
from oms_api.domain.orders.drafts.states import OrderDraftStatus
from oms_api.domain.orders.drafts.stored import cart_in, check_cart
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.domain.orders.drafts.verbs import DISCARD, UPDATE
from oms_api.domain.orders.given import Cart
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError
from oms_api.kernel.ids import IdKind, OrderDraftId, text_id
from oms_api.kernel.naming import check_note

DRAFTS = inserts(OrderDraftRow)


class DraftChanges(TypedDict, total=False):
    """Changes of a draft; fields left out stay as they are. A *cart* replaces the present one."""

    cart: Cart
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDraft:
    """Keep a cart, complete or not, to be placed later."""

    cart: Cart
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDraft:
    """Change a draft; *cart_changes* leave of its cart what they do not name."""

    order_draft_id: OrderDraftId
    changes: DraftChanges = field(default_factory=DraftChanges)
    cart_changes: ChangeCart | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft:
    """Give a draft up."""

    order_draft_id: OrderDraftId
    expected_version: int | None = None


async def create_draft(tx: Tx, command: CreateDraft) -> OrderDraftRow:
    """Keep a cart as a draft, and return it. Raises: NotFound for the channel, Refused for what cannot be kept."""
    check_note(command.note, "note")
    stored = await _checked(tx, command.cart)
    draft = tx.put(
        DRAFTS,
        id=tx.new_id(OrderDraftId),
        channel_id=command.cart.channel_id,
        status=OrderDraftStatus.DRAFT,
        cart=stored,
        note=command.note,
        version=1,
        actor=tx.actor,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.emit(OrderDraftCreated(subject_id=draft.id, channel_id=draft.channel_id))
    return draft


async def update_draft(tx: Tx, command: UpdateDraft) -> OrderDraftRow:
    """Change a draft, and return it. Raises: NotFound, VersionConflict, DraftPlaced, DraftDiscarded, Refused."""
    changes = command.changes
    check_note(changes.get("note"), "note")
    if changes.get("cart", ...) is None:
        raise InvalidValue(problem="cart cannot be null.", field=("cart",))
    if "cart" in changes and command.cart_changes is not None:
        raise InvalidValue(problem="cart replaces the whole cart: give it or cartChanges.", field=("cartChanges",))
    cart = changes.get("cart")
    stored = None if cart is None else await _checked(tx, cart)
    async with changing(tx, DraftDocument, UPDATE, command.order_draft_id, command.expected_version) as draft:
        if command.cart_changes is not None:
            cart = _changed(command.cart_changes, draft.was)
            stored = await _checked(tx, cart)
        if cart is not None and stored is not None and stored != draft.was.cart:
            draft.row.cart, draft.row.channel_id = stored, cart.channel_id
            draft.also("cart", None, None)
        if "note" in changes and changes["note"] != draft.was.note:
            draft.row.note = changes["note"]
            draft.also("note", None, None)
    return draft.row


async def discard_draft(tx: Tx, command: DiscardDraft) -> OrderDraftRow:
    """Give a draft up, and return it. Raises: NotFound, VersionConflict, DraftPlaced, DraftDiscarded."""
    async with changing(tx, DraftDocument, DISCARD, command.order_draft_id, command.expected_version) as draft:
        draft.move()
    return draft.row


def _changed(changes: ChangeCart, draft: OrderDraftRow) -> Cart:
    """Return the cart of *draft* with *changes*. Raises: Refused."""
    try:
        return changes.after(cart_in(draft.cart))
    except OmsError as error:
        raise error.at("cartChanges") from None


async def _checked(tx: Tx, cart: Cart) -> dict[str, object]:
    """Return *cart* as it is kept. Raises: NotFound, Refused."""
    try:
        if await channels_by_id.of_one(tx, cart.channel_id) is None:
            raise NotFound(what="channel", given=text_id(IdKind.CHANNEL, cart.channel_id), field=("channelId",))
        return check_cart(cart)
    except OmsError as error:
        raise error.at("cart") from None
