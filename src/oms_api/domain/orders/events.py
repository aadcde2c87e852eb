"""Events of orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order was accepted and its stock committed. Its fulfillment orders were opened, unless it waits for its payment."""

    type = "ORDER_PLACED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderUpdated(Event):
    """Details of an order were changed: its contact, billing address, note, tags, attributes, priority or customer.

    `changes` names personal fields but leaves out their values.
    """

    type = "ORDER_UPDATED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderCanceled(Event):
    """All remaining units of an order were canceled, and their stock was released."""

    type = "ORDER_CANCELED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderLinesCanceled(Event):
    """Some units of an order were canceled, and their stock was released."""

    type = "ORDER_LINES_CANCELED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderEdited(Event):
    """The agreed lines, quantities, prices, discounts, shipping or destination of an order were changed."""

    type = "ORDER_EDITED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderReferenceFreed(Event):
    """The external reference was removed from a canceled order: another order may use it."""

    type = "ORDER_REFERENCE_FREED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderReleased(Event):
    """An order that waited for its payment was released to the warehouse.

    Its lines without goods to ship, such as services, count as handed over.
    """

    type = "ORDER_RELEASED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderWithheld(Event):
    """A released order waits for its payment again, because its payments no longer suffice. None of its work was begun."""

    type = "ORDER_WITHHELD"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """Everything of an order has arrived: it is completed."""

    type = "ORDER_COMPLETED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderReopened(Event):
    """A completed order is worked on again."""

    type = "ORDER_REOPENED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderNoteAdded(Event):
    """A note was written on an order. The event does not hold its text."""

    type = "ORDER_NOTE_ADDED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderHeld(Event):
    """An order was put on hold: nothing of it is picked or shipped before every hold has ended."""

    type = "ORDER_HELD"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderHoldReleased(Event):
    """Holds of an order were released."""

    type = "ORDER_HOLD_RELEASED"
    subject = IdKind.ORDER
