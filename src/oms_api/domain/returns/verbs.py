"""The verbs of a return, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.returns.errors import NothingExpected
from oms_api.domain.returns.events import ReturnCanceled, ReturnClosed, ReturnReceived
from oms_api.domain.returns.states import ReturnAction, ReturnOrderStatus
from oms_api.kernel.verbs import Life, Verb

S = ReturnOrderStatus
ARRIVING = {state: {S.PARTIALLY_RECEIVED, S.RECEIVED} for state in (S.APPROVED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED)}


def nothing_expected(status: ReturnOrderStatus) -> NothingExpected | None:
    """Return why nothing more is received, or None."""
    return NothingExpected() if status is S.RECEIVED else None


RECEIVE = Verb[S, S](
    name=ReturnAction.RECEIVE_RETURN,
    moves={**ARRIVING, S.RECEIVED: {S.RECEIVED}},
    aim=S.RECEIVED,
    event=ReturnReceived,
    refusals=(nothing_expected,),
)
RECEIVE_ROWS = Verb[S, S](moves=RECEIVE.moves, aim=RECEIVE.aim, event=RECEIVE.event, label=RECEIVE.shown)
"""Receives rows that say more themselves of what is not expected."""
CLOSE = Verb[S, S](
    name=ReturnAction.CLOSE_RETURN,
    moves={state: {S.CLOSED} for state in (*ARRIVING, S.RECEIVED)},
    aim=S.CLOSED,
    event=ReturnClosed,
)
CANCEL = Verb[S, S](
    name=ReturnAction.CANCEL_RETURN,
    moves={state: {S.CANCELED} for state in (S.REQUESTED, S.APPROVED)},
    aim=S.CANCELED,
    event=ReturnCanceled,
)

LIFE = Life("return", "returnId", S, RECEIVE, CLOSE, CANCEL, RECEIVE_ROWS)
