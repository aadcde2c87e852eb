"""What can be done with a stock count. Pure: queries ask the same as commands."""

from oms_api.domain.inventory.counts.states import STOCK_COUNT, StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.kernel.actions import Action, ActionName
from oms_api.kernel.errors import IllegalMove, OmsError

S = StockCountStatus
MOST_NAMED = 1_000
MOST_WHOLE = 5_000


def why_not_submit(row: StockCountRow) -> OmsError | None:
    """Return why nothing more can be counted, or None."""
    return None if row.status in {S.OPEN, S.COUNTING} else _illegal(row, S.COUNTING)


def why_not_post(row: StockCountRow) -> OmsError | None:
    """Return why stock cannot be corrected by the count, or None."""
    return None if STOCK_COUNT.allows(row.status, S.POSTED) else _illegal(row, S.POSTED)


def why_not_cancel(row: StockCountRow) -> OmsError | None:
    """Return why the count cannot be called off, or None."""
    return None if STOCK_COUNT.allows(row.status, S.CANCELED) else _illegal(row, S.CANCELED)


def available_actions(row: StockCountRow) -> list[Action]:
    """Return every action on a count."""
    return [
        Action(ActionName.SUBMIT_STOCK_COUNT, why_not_submit(row)),
        Action(ActionName.POST_STOCK_COUNT, why_not_post(row)),
        Action(ActionName.CANCEL_STOCK_COUNT, why_not_cancel(row)),
    ]


def shows_expected(row: StockCountRow) -> bool:
    """Tell whether what is expected may be shown: of a blind count only once counting is over."""
    return not row.blind or row.status not in {S.OPEN, S.COUNTING}


def _illegal(row: StockCountRow, target: StockCountStatus) -> OmsError:
    return IllegalMove(what=STOCK_COUNT.what, current=row.status.value, target=target.value, field=("stockCountId",))
