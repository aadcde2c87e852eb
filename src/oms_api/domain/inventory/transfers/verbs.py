"""The verbs of a transfer, with their refusals. Pure: queries ask the same as commands."""

from collections.abc import Callable

from oms_api.domain.inventory.transfers.errors import NothingInTransit, NothingToSend, TransferEndHidden, TransferFixed
from oms_api.domain.inventory.transfers.events import TransferCanceled, TransferChanged, TransferReceived, TransferShipped
from oms_api.domain.inventory.transfers.states import TransferAction, TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb, stays

S = TransferStatus


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A transfer with so many units, and who wants to do something with it."""

    row: TransferRow
    unsent: int
    in_transit: int
    principal: Principal


def hidden(end: str) -> Callable[[TransferFacts], OmsError | None]:
    """Return what refuses to act at an *end* that the caller does not see."""

    def refusal(facts: TransferFacts) -> OmsError | None:
        location = getattr(facts.row, f"{end}_id")
        return None if facts.principal.sees_location(location) else TransferEndHidden(end=end)

    return refusal


def fixed(status: TransferStatus, _facts: TransferFacts) -> OmsError:
    """Return the error that what a transfer is cannot change any more."""
    return TransferFixed(status=status.value)


UPDATE = Verb[S, TransferFacts](
    name=TransferAction.UPDATE_TRANSFER,
    moves=stays(S.DRAFT, S.READY_TO_SHIP, S.IN_TRANSIT, S.PARTIALLY_RECEIVED),
    event=TransferChanged,
    otherwise=fixed,
    refusals=(hidden("origin"),),
)
"""Changes the date, the note and the reference."""
PLAN = Verb[S, TransferFacts](moves=stays(S.DRAFT), event=TransferChanged, otherwise=fixed, refusals=(hidden("origin"),))
"""Changes locations and lines too."""
MARK_READY = Verb[S, TransferFacts](
    name=TransferAction.MARK_TRANSFER_READY,
    moves={S.DRAFT: {S.READY_TO_SHIP}},
    aim=S.READY_TO_SHIP,
    event=TransferChanged,
    refusals=(hidden("origin"),),
)
SHIP = Verb[S, TransferFacts](
    name=TransferAction.SHIP_TRANSFER,
    moves={S.DRAFT: {S.IN_TRANSIT}, S.READY_TO_SHIP: {S.IN_TRANSIT}, **stays(S.IN_TRANSIT, S.PARTIALLY_RECEIVED)},
    aim=S.IN_TRANSIT,
    event=TransferShipped,
    refusals=(lambda it: None if it.unsent else NothingToSend(), hidden("origin")),
)
RECEIVE = Verb[S, TransferFacts](
    name=TransferAction.RECEIVE_TRANSFER,
    moves={state: {S.PARTIALLY_RECEIVED, S.RECEIVED} for state in (S.IN_TRANSIT, S.PARTIALLY_RECEIVED)},
    aim=S.RECEIVED,
    event=TransferReceived,
    refusals=(lambda it: None if it.in_transit else NothingInTransit(), hidden("destination")),
)
CANCEL = Verb[S, TransferFacts](
    name=TransferAction.CANCEL_TRANSFER,
    moves={
        S.DRAFT: {S.CANCELED},
        S.READY_TO_SHIP: {S.CANCELED},
        S.IN_TRANSIT: {S.IN_TRANSIT, S.CANCELED},
        S.PARTIALLY_RECEIVED: {S.PARTIALLY_RECEIVED, S.RECEIVED},
    },
    aim=S.CANCELED,
    event=TransferCanceled,
    refusals=(hidden("origin"),),
)
LIFE = Life[S, TransferFacts]("transfer", "transferId", S, UPDATE, PLAN, MARK_READY, SHIP, RECEIVE, CANCEL)
