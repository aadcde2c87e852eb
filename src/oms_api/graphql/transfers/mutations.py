"""Planning, shipping, receiving and canceling transfers."""

from functools import partial

from oms_api.domain.inventory.states import OnShortfall
from oms_api.domain.inventory.transfers.commands.cancel import cancel_transfer
from oms_api.domain.inventory.transfers.commands.create import create_transfer
from oms_api.domain.inventory.transfers.commands.receive import receive_transfer
from oms_api.domain.inventory.transfers.commands.ship import ship_transfer
from oms_api.domain.inventory.transfers.commands.update import mark_ready, update_transfer
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.transfers.inputs import (
    TransferCancelInput,
    TransferCreateInput,
    TransferMarkReadyInput,
    TransferReceiveInput,
    TransferShipInput,
    TransferUpdateInput,
)
from oms_api.graphql.transfers.types import Transfer
from oms_api.kernel.access import Scope
from oms_api.workflows.unpromise import COVERS


@output
class TransferPayload(Payload):
    """The transfer, or why nothing was done."""

    transfer: Transfer | None = None
    """The transfer; on a replay as it is now."""


on_transfer = partial(carries_out, payload=TransferPayload, scope=Scope.INVENTORY_WRITE)


@output
class TransferMutations:
    """Planning, shipping, receiving and canceling transfers."""

    transfer_create = on_transfer(create_transfer, TransferCreateInput, describes="The transfer.")
    """Create a transfer from one location to another; the key must see both. Nothing moves yet: the destination expects nothing
    from a draft; once the transfer is ready, its units are `incoming` there."""
    transfer_update = on_transfer(update_transfer, TransferUpdateInput, describes="The changes.")
    """Change a transfer: locations and lines while it is a draft, date, note and reference until it is over."""
    transfer_mark_ready = on_transfer(mark_ready, TransferMarkReadyInput, describes="The record.")
    """Mark a draft transfer as ready: its destination expects it. Fails with LOCATION_INACTIVE where the destination is
    inactive."""
    transfer_ship = on_transfer(
        partial(ship_transfer, cover=COVERS[OnShortfall.REFUSE]), TransferShipInput, describes="The units shipped."
    )
    """Ship all or part of a transfer from its origin, also of a draft. Only free units leave, safety stock included; promised
    ones never do. Fails with BELOW_ZERO where fewer are free, naming the row, or without rows the SKU; and with
    LOCATION_INACTIVE where the destination is now inactive."""
    transfer_receive = on_transfer(receive_transfer, TransferReceiveInput, describes="The units received.")
    """Receive all or part of the units in transit at the destination: fit for sale, damaged, or lost with a reason; of the
    named lots, else of those that expire first. Fails where more is reported than is in transit, also for a lot: adjust the
    stock for any surplus."""
    transfer_cancel = on_transfer(cancel_transfer, TransferCancelInput, describes="The transfer, and how to cancel it.")
    """Cancel the units of a transfer that were not received, or with `lines` a part of those in transit. Units in transit are
    brought back to the origin, or written off. Once none are in transit or unsent the transfer is CANCELED, or RECEIVED where
    some were received before; until then it keeps its status. Units brought back are not sent again."""
