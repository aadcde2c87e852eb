"""Events of drafts."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderDraftCreated(Event):
    """An order is being prepared."""

    type = "ORDER_DRAFT_CREATED"
    subject = IdKind.ORDER_DRAFT


@dataclass(frozen=True, kw_only=True)
class OrderDraftChanged(Event):
    """A draft of an order was changed.

    Where the cart changed, `changes` names it but leaves out its content, which is personal.
    """

    type = "ORDER_DRAFT_CHANGED"
    subject = IdKind.ORDER_DRAFT


@dataclass(frozen=True, kw_only=True)
class OrderDraftPlaced(Event):
    """A draft became an order."""

    type = "ORDER_DRAFT_PLACED"
    subject = IdKind.ORDER_DRAFT


@dataclass(frozen=True, kw_only=True)
class OrderDraftDiscarded(Event):
    """A draft of an order was given up."""

    type = "ORDER_DRAFT_DISCARDED"
    subject = IdKind.ORDER_DRAFT
