"""The verbs of a refund, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.payments.events import RefundCanceled, RefundRequested
from oms_api.domain.payments.states import RefundAction, RefundStatus
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb

S = RefundStatus
Unpaid = OmsError | None
"""Why no provider can pay the refund now, if none can."""

REQUEST = Verb[S, Unpaid](
    name=RefundAction.REQUEST_REFUND,
    moves={state: {S.REQUESTED} for state in (S.GRANTED, S.FAILED)},
    aim=S.REQUESTED,
    event=RefundRequested,
    refusals=(lambda unpaid: unpaid,),
)
CANCEL = Verb[S, Unpaid](
    name=RefundAction.CANCEL_REFUND,
    moves={state: {S.CANCELED} for state in (S.GRANTED, S.FAILED)},
    aim=S.CANCELED,
    event=RefundCanceled,
)
REPORT = Verb[S, Unpaid](
    moves={
        S.GRANTED: {S.REQUESTED, S.SUCCEEDED, S.FAILED},
        S.REQUESTED: {S.REQUESTED, S.SUCCEEDED, S.FAILED},
        S.FAILED: {S.FAILED, S.SUCCEEDED},
    },
    event=None,
    label="REPORT_PAYMENT",
)
"""By what providers report, in whatever order; each status is told by an event of its own."""

LIFE = Life("refund", "refundId", S, REQUEST, CANCEL, REPORT)
