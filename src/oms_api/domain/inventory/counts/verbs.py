"""The verbs of a stock count, by its status alone. Pure: queries ask the same as commands."""

from oms_api.domain.inventory.counts.events import StockCountCanceled, StockCountPosted, StockCountSubmitted
from oms_api.domain.inventory.counts.states import StockCountAction, StockCountStatus
from oms_api.kernel.verbs import Life, Verb

S = StockCountStatus

SUBMIT = Verb[S, None](
    name=StockCountAction.SUBMIT_STOCK_COUNT,
    moves={status: {S.COUNTING, S.REVIEW} for status in (S.OPEN, S.COUNTING)},
    aim=S.COUNTING,
    event=StockCountSubmitted,
)
POST = Verb[S, None](name=StockCountAction.POST_STOCK_COUNT, moves={S.REVIEW: {S.POSTED}}, aim=S.POSTED, event=StockCountPosted)
CANCEL = Verb[S, None](
    name=StockCountAction.CANCEL_STOCK_COUNT,
    moves={status: {S.CANCELED} for status in (S.OPEN, S.COUNTING, S.REVIEW)},
    aim=S.CANCELED,
    event=StockCountCanceled,
)
LIFE = Life[S, None]("stock count", "stockCountId", S, SUBMIT, POST, CANCEL)
