"""The states of a transfer, and what can become of its units."""

from enum import StrEnum


class TransferStatus(StrEnum):
    """The status of a transfer."""

    DRAFT = "DRAFT"
    """In preparation: lines and locations may change, and the destination expects nothing."""
    READY_TO_SHIP = "READY_TO_SHIP"
    """The destination expects the goods; nothing has left."""
    IN_TRANSIT = "IN_TRANSIT"
    """Units have left, and nothing has been received yet. Some units are still on the way or still to be sent."""
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    """Some units were received. Other units are still on the way or still to be sent."""
    RECEIVED = "RECEIVED"
    """The outcome of every unit is known."""
    CANCELED = "CANCELED"
    """The transfer was canceled before any units were received."""

    @property
    def open(self) -> bool:
        """Whether the destination still expects units."""
        return self in {TransferStatus.READY_TO_SHIP, TransferStatus.IN_TRANSIT, TransferStatus.PARTIALLY_RECEIVED}


class TransferActKind(StrEnum):
    """The kind of a step recorded on a transfer."""

    SHIPMENT = "SHIPMENT"
    """Units left the origin."""
    RECEIPT = "RECEIPT"
    """Units arrived at the destination, or were found to be lost."""
    CANCELLATION = "CANCELLATION"
    """Some or all of the units that were not received were called off, brought back or written off."""


class TransferOutcome(StrEnum):
    """The outcome of units of a transfer."""

    SENT = "SENT"
    """The units left the origin."""
    ARRIVED = "ARRIVED"
    """The units came and can be sold."""
    DAMAGED = "DAMAGED"
    """The units came and are not fit for sale."""
    LOST = "LOST"
    """The units are lost."""
    BROUGHT_BACK = "BROUGHT_BACK"
    """The units are back at the origin."""
    CALLED_OFF = "CALLED_OFF"
    """The units were never sent and are no longer to be sent."""


class TransferDiscrepancy(StrEnum):
    """The reason why units are damaged or lost."""

    DAMAGED_IN_TRANSIT = "DAMAGED_IN_TRANSIT"
    """The units broke on the way."""
    LOST_IN_TRANSIT = "LOST_IN_TRANSIT"
    """The units were lost on the way."""
    STOLEN = "STOLEN"
    """The units were stolen on the way."""
    SHORT_SHIPPED = "SHORT_SHIPPED"
    """Fewer units left the origin than were reported as sent."""
    WRONG_ITEM = "WRONG_ITEM"
    """A different item came in place of the units."""
    OTHER = "OTHER"
    """Another reason: say it in the note."""


class TransferResolution(StrEnum):
    """The treatment of units in transit when a transfer is canceled."""

    RETURN_TO_SOURCE = "RETURN_TO_SOURCE"
    """The units are back at the origin, and are FREE units there."""
    WRITE_OFF = "WRITE_OFF"
    """The units are given up as lost."""


class TransferAction(StrEnum):
    """What can be done with a transfer."""

    UPDATE_TRANSFER = "UPDATE_TRANSFER"
    """Change the date, note or reference of a transfer, and in a draft its lines and locations too: `transferUpdate`."""
    MARK_TRANSFER_READY = "MARK_TRANSFER_READY"
    """Mark a transfer as ready, so that its destination expects it: `transferMarkReady`."""
    SHIP_TRANSFER = "SHIP_TRANSFER"
    """Ship units from the origin: `transferShip`."""
    RECEIVE_TRANSFER = "RECEIVE_TRANSFER"
    """Receive units at the destination: `transferReceive`."""
    CANCEL_TRANSFER = "CANCEL_TRANSFER"
    """Cancel the units of a transfer that were not received: `transferCancel`."""
