"""The verbs of a proposed change of an order. Pure."""

from oms_api.domain.orders.changes.errors import ChangeDecided
from oms_api.domain.orders.changes.events import OrderChangeApplied, OrderChangeDeclined
from oms_api.domain.orders.changes.states import OrderChangeAction, OrderChangeStatus
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb

S = OrderChangeStatus


def decided(status: S, _facts: None) -> OmsError:
    """Return that a change was applied or declined before."""
    return ChangeDecided(current=status.value)


APPLY = Verb[S, None](
    name=OrderChangeAction.APPLY_ORDER_CHANGE,
    moves={S.REQUESTED: {S.APPLIED}},
    aim=S.APPLIED,
    event=OrderChangeApplied,
    otherwise=decided,
)
DECLINE = Verb[S, None](
    name=OrderChangeAction.DECLINE_ORDER_CHANGE,
    moves={S.REQUESTED: {S.DECLINED}},
    aim=S.DECLINED,
    event=OrderChangeDeclined,
    otherwise=decided,
)
LIFE = Life("change of an order", "orderChangeId", S, APPLY, DECLINE)
