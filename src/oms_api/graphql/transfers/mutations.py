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
from oms_api.workflows.deallocate import COVERS


@output
class TransferPayload(Payload):
    """The transfer, or why nothing was done."""

    transfer: Transfer | None = None
    """The transfer. Where `replayed` is true, this is its present state."""


on_transfer = partial(carries_out, payload=TransferPayload, scope=Scope.INVENTORY_WRITE)


@output
class TransferMutations:
    """Planning, shipping, receiving and canceling transfers."""

    transfer_create = on_transfer(create_transfer, TransferCreateInput, describes="The transfer.")
    """Create a draft of a transfer from one location to another; the API key must see both locations. Nothing moves, and the
    destination expects nothing yet. Once the transfer is ready, its units are `incoming` at the destination."""
    transfer_update = on_transfer(update_transfer, TransferUpdateInput, describes="The changes.")
    """Change a transfer: its locations and lines while it is a draft, its date, note and reference until it is received or
    canceled."""
    transfer_mark_ready = on_transfer(mark_ready, TransferMarkReadyInput, describes="The record.")
    """Mark a draft transfer as ready: its units are `incoming` at the destination. Fails with LOCATION_INACTIVE where the
    destination is inactive."""
    transfer_ship = on_transfer(
        partial(ship_transfer, cover=COVERS[OnShortfall.REFUSE]), TransferShipInput, describes="The units shipped."
    )
    """Ship all or part of a transfer from its origin; a draft can be shipped too. Only free units leave, safety stock included;
    promised units never leave. Fails with BELOW_ZERO where too few units are free: the error names the row, or the SKU where no
    rows are given. Fails with LOCATION_INACTIVE where the destination is inactive."""
    transfer_receive = on_transfer(receive_transfer, TransferReceiveInput, describes="The units received.")
    """Receive, at the destination, all or part of the units that are in transit. Report them as fit for sale, damaged or lost;
    damaged and lost units need a reason. Units without a named lot come from the lots that expire first. Fails where more units
    are reported than are in transit, in total or of one lot: adjust the stock for a surplus."""
    transfer_cancel = on_transfer(cancel_transfer, TransferCancelInput, describes="The transfer, and how to cancel it.")
    """Cancel every unit of a transfer that has not been received. If `lines` is given, only the units in transit that it names
    are canceled. Units in transit are brought back to the origin, or written off; units brought back are not sent again. As
    soon as no unit is in transit or still to be sent, the transfer is CANCELED, or RECEIVED where some units were received
    before. Otherwise its status stays."""
