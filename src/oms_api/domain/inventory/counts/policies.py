"""How large a stock count may be, and who is shown what is expected. Pure."""

from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountRow

S = StockCountStatus
MOST_NAMED = 1_000
MOST_WHOLE = 5_000


def shows_expected(row: StockCountRow) -> bool:
    """Tell whether what is expected may be shown: of a blind count only once counting is over."""
    return not row.blind or row.status not in {S.OPEN, S.COUNTING}
