"""Errors of a draft."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId


@dataclass(eq=False)
class DraftPlaced(OmsError):
    """The draft was placed already: change its order instead; the error names the order."""

    code = "DRAFT_PLACED"
    order_id: OrderId | None = None


@dataclass(eq=False)
class DraftDiscarded(OmsError):
    """The draft was discarded: create another draft."""

    code = "DRAFT_DISCARDED"
