"""Events of returns."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ReturnCreated(Event):
    """A return was announced."""

    type = "RETURN_CREATED"
    subject = IdKind.RETURN


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(Event):
    """Goods of a return were received at a location."""

    type = "RETURN_RECEIVED"
    subject = IdKind.RETURN


@dataclass(frozen=True, kw_only=True)
class ReturnClosed(Event):
    """Nothing more is expected of a return."""

    type = "RETURN_CLOSED"
    subject = IdKind.RETURN


@dataclass(frozen=True, kw_only=True)
class ReturnCanceled(Event):
    """A return was canceled before any of it was received."""

    type = "RETURN_CANCELED"
    subject = IdKind.RETURN
