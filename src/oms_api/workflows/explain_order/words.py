"""The words of explanations. Pure."""

from collections.abc import Iterable, Sequence

from oms_api.domain.orders.states import CancelReason
from oms_api.domain.payments.states import RefundStatus
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.kernel.sentences import units_of
from oms_api.workflows.explain_order.facts import LineFacts, UnitsOf

LONGEST_NOTE = 200
WHY = {
    CancelReason.CUSTOMER: "the customer changed their mind",
    CancelReason.INVENTORY: "the goods are not there",
    CancelReason.FRAUD: "it looked fraudulent",
    CancelReason.DECLINED: "the payment was declined",
    CancelReason.STAFF: "somebody on the staff made a mistake",
    CancelReason.OTHER: "there was another reason",
}
BACK = {
    ReturnOrderStatus.REQUESTED: "it waits for an approval",
    ReturnOrderStatus.APPROVED: "its goods are to come",
    ReturnOrderStatus.IN_TRANSIT: "its goods are on their way back",
    ReturnOrderStatus.PARTIALLY_RECEIVED: "some of its goods are still to come",
}
OWED = {
    RefundStatus.GRANTED: "the provider is to be told",
    RefundStatus.REQUESTED: "the provider was told",
    RefundStatus.FAILED: "it could not be paid: request it again, or cancel it",
}
ENDS = {
    "delivered": "delivered",
    "lost": "lost on the way",
    "returned_to_sender": "returned to the sender",
    "returned": "returned",
    "canceled": "canceled",
}


def summed(units: Iterable[tuple[str, int]]) -> str:
    """Return units in words, those of one name together."""
    found: dict[str, int] = {}
    for name, count in units:
        found[name] = found.get(name, 0) + count
    return units_of(found)


def counted(units: Sequence[UnitsOf]) -> str:
    """Return units of lines in words."""
    return summed((each.name, each.units) for each in units)


def are(lines: Sequence[LineFacts], name: str) -> str:
    """Return the verb that belongs to the units *name* of lines."""
    return "is" if sum(getattr(line, name) for line in lines) == 1 else "are"


def shortened(note: str) -> str:
    """Return the beginning of a note in one line, without the dot at its end."""
    line = " ".join(note.split()).rstrip(".")
    return line if len(line) <= LONGEST_NOTE else f"{line[:LONGEST_NOTE]} ..."
