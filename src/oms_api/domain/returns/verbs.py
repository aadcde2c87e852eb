"""The verbs of a return, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.returns.errors import NothingExpected
from oms_api.domain.returns.events import ReturnCanceled, ReturnClosed, ReturnReceived
from oms_api.domain.returns.states import ReturnAction, ReturnOrderStatus
from oms_api.kernel.errors import IllegalMove, OmsError
from oms_api.kernel.verbs import Life, Verb

S = ReturnOrderStatus
ARRIVING = (S.APPROVED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED)


def nothing_comes(status: ReturnOrderStatus, _facts: ReturnOrderStatus) -> OmsError:
    """Return that all has come, or that nothing of it will."""
    if status is S.RECEIVED:
        return NothingExpected()
    return IllegalMove(what=LIFE.noun, current=status.value, target=S.RECEIVED.value)


RECEIVE = Verb[S, S](
    name=ReturnAction.RECEIVE_RETURN,
    moves={state: {S.RECEIVED} for state in ARRIVING},
    aim=S.RECEIVED,
    event=ReturnReceived,
    otherwise=nothing_comes,
)
RECEIVE_ROWS = Verb[S, S](
    moves={**{state: {S.PARTIALLY_RECEIVED, S.RECEIVED} for state in ARRIVING}, S.RECEIVED: {S.RECEIVED}},
    aim=S.RECEIVED,
    event=ReturnReceived,
    label=RECEIVE.shown,
)
"""Receives rows that say more themselves of what is not expected: all of them, where all has come."""
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
