"""Events of transfers: to whoever may see either end."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class TransferCreated(Event):
    """A transfer was created."""

    type = "TRANSFER_CREATED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferChanged(Event):
    """A transfer got another date, other lines or other locations, or it was marked as ready."""

    type = "TRANSFER_CHANGED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferShipped(Event):
    """Units of a transfer left its origin."""

    type = "TRANSFER_SHIPPED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferReceived(Event):
    """Units of a transfer arrived at its destination, or were found to be lost."""

    type = "TRANSFER_RECEIVED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferCanceled(Event):
    """Units still to be received on a transfer were canceled, brought back or written off.

    These may be all of those units or only some of them.
    """

    type = "TRANSFER_CANCELED"
    subject = IdKind.TRANSFER
