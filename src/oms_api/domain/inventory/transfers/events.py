"""What can be told of transfers: to whoever may see either end."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class TransferCreated(Event):
    """Goods are to go from one location to another."""

    type = "TRANSFER_CREATED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferChanged(Event):
    """A transfer was changed, or made ready to ship: another date, other lines, other locations."""

    type = "TRANSFER_CHANGED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferShipped(Event):
    """Units of a transfer left its origin."""

    type = "TRANSFER_SHIPPED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferReceived(Event):
    """Units of a transfer came to its destination, or were found to be lost."""

    type = "TRANSFER_RECEIVED"
    subject = IdKind.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransferCanceled(Event):
    """What was not received of a transfer, or a part of it, was called off, brought back or written off."""

    type = "TRANSFER_CANCELED"
    subject = IdKind.TRANSFER
