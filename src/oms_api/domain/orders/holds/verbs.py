"""The verbs of a hold; their events are those of the order or fulfillment order that is on hold."""

from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.kernel.verbs import Life, Verb

S = HoldStatus
RELEASE = Verb[S, None](event=None, moves={S.ACTIVE: {S.RELEASED}}, aim=S.RELEASED, label="RELEASE_HOLD")
EXPIRE = Verb[S, None](event=None, moves={S.ACTIVE: {S.EXPIRED}}, aim=S.EXPIRED, label="HOLD_EXPIRES")
"""At its `releaseAt`."""
END = Verb[S, None](event=None, moves={S.ACTIVE: {S.ENDED}}, aim=S.ENDED, label="WORK_IS_OVER")
"""With the order or the fulfillment order."""
LIFE = Life("hold", "holdId", S, RELEASE, EXPIRE, END)
