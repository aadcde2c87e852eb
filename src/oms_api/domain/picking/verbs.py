"""The verbs of a pick batch. Pure: queries ask the same as commands."""

from oms_api.domain.picking.events import PickBatchCanceled, PickBatchConfirmed
from oms_api.domain.picking.states import PickBatchAction, PickBatchStatus
from oms_api.kernel.verbs import Life, Verb

S = PickBatchStatus

CONFIRM = Verb[S, None](
    name=PickBatchAction.CONFIRM_PICKS, moves={S.OPEN: {S.OPEN, S.PICKED}}, aim=S.PICKED, event=PickBatchConfirmed
)
CANCEL = Verb[S, None](
    name=PickBatchAction.CANCEL_PICK_BATCH, moves={S.OPEN: {S.CANCELED}}, aim=S.CANCELED, event=PickBatchCanceled
)
LIFE = Life("pick batch", "pickBatchId", S, CONFIRM, CANCEL)
