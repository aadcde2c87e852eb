"""Events of stock counts."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class StockCountCreated(Event):
    """A stock count was opened at a location."""

    type = "STOCK_COUNT_CREATED"
    subject = IdKind.COUNT


@dataclass(frozen=True, kw_only=True)
class StockCountSubmitted(Event):
    """Lines of a stock count were counted, or counting ended."""

    type = "STOCK_COUNT_SUBMITTED"
    subject = IdKind.COUNT


@dataclass(frozen=True, kw_only=True)
class StockCountPosted(Event):
    """Stock was corrected by a count."""

    type = "STOCK_COUNT_POSTED"
    subject = IdKind.COUNT


@dataclass(frozen=True, kw_only=True)
class StockCountCanceled(Event):
    """A stock count was canceled."""

    type = "STOCK_COUNT_CANCELED"
    subject = IdKind.COUNT
