"""The verbs of a pickup, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.fulfillment.verbs import WorkFacts, on_hold
from oms_api.domain.pickups.errors import PickupLocked, PickupOver
from oms_api.domain.pickups.events import (
    PickupCanceled,
    PickupCodeRefused,
    PickupCodeRenewed,
    PickupExpired,
    PickupExtended,
    PickupHandedOver,
    PickupReminderDue,
)
from oms_api.domain.pickups.policies import MOST_TRIES
from oms_api.domain.pickups.states import PickupAction, PickupStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb, stays

S = PickupStatus


@dataclass(frozen=True, slots=True)
class PickupFacts:
    """The facts that refuse a hand-over: a hold of the order or of the work, or too many wrong codes."""

    order_on_hold: bool
    on_hold: bool
    tries: int


def held(facts: PickupFacts) -> OmsError | None:
    """Return why nothing leaves while there is a hold, or None."""
    return on_hold(WorkFacts(facts.order_on_hold, facts.on_hold))


def locked(facts: PickupFacts) -> OmsError | None:
    """Return that too many wrong codes were given, or None."""
    return PickupLocked() if facts.tries >= MOST_TRIES else None


def over(status: S, _facts: PickupFacts) -> OmsError:
    """Return that nothing waits any more."""
    return PickupOver(status=status.value)


HAND_OVER = Verb[S, PickupFacts](
    name=PickupAction.HAND_OVER_PICKUP,
    moves={S.READY: {S.HANDED_OVER}},
    aim=S.HANDED_OVER,
    event=PickupHandedOver,
    otherwise=over,
    refusals=(held, locked),
)
TRY = Verb[S, PickupFacts](moves=stays(S.READY), event=PickupCodeRefused, otherwise=over, refusals=(locked,))
"""With a code that is wrong."""
CANCEL = Verb[S, PickupFacts](
    name=PickupAction.CANCEL_PICKUP,
    moves={S.READY: {S.CANCELED}},
    aim=S.CANCELED,
    event=PickupCanceled,
    otherwise=over,
)
RENEW_CODE = Verb[S, PickupFacts](
    name=PickupAction.RENEW_PICKUP_CODE, moves=stays(S.READY), event=PickupCodeRenewed, otherwise=over
)
EXTEND = Verb[S, PickupFacts](name=PickupAction.EXTEND_PICKUP, moves=stays(S.READY), event=PickupExtended, otherwise=over)
REMIND = Verb[S, PickupFacts](moves=stays(S.READY), event=PickupReminderDue, otherwise=over)
EXPIRE = Verb[S, PickupFacts](moves={S.READY: {S.EXPIRED}}, aim=S.EXPIRED, event=PickupExpired, otherwise=over)
"""By the clock."""

LIFE = Life("pickup", "pickupId", S, HAND_OVER, TRY, CANCEL, RENEW_CODE, EXTEND, REMIND, EXPIRE)
