"""Planning, shipping, receiving and canceling transfers."""

from functools import partial

from oms_api.domain.inventory.transfers.commands.cancel import cancel_transfer
from oms_api.domain.inventory.transfers.commands.create import create_transfer
from oms_api.domain.inventory.transfers.commands.receive import receive_transfer
from oms_api.domain.inventory.transfers.commands.ship import ship_transfer
from oms_api.domain.inventory.transfers.commands.update import mark_ready, update_transfer
from oms_api.domain.inventory.transfers.queries import transfer_by_id
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


@output
class TransferPayload(Payload):
    """The transfer, or why nothing was done."""

    transfer: Transfer | None = None
    """The transfer; on a replay as it is now."""


on_transfer = partial(carries_out, payload=TransferPayload, scope=Scope.INVENTORY_WRITE, again=transfer_by_id)


@output
class TransferMutations:
    """Planning, shipping, receiving and canceling transfers."""

    transfer_create = on_transfer(create_transfer, TransferCreateInput, told="What goes where.")
    """Plan that goods go from one location to another; the key must see both. Nothing moves yet: of a draft nothing is
    expected, and once it is ready it is `incoming` at its destination."""
    transfer_update = on_transfer(update_transfer, TransferUpdateInput, told="What is to be different.")
    """Change a transfer: locations and lines while it is a draft, date, note and reference until it is over."""
    transfer_mark_ready = on_transfer(mark_ready, TransferMarkReadyInput, told="Which one.")
    """Let the destination expect a transfer that is a draft. Fails with LOCATION_INACTIVE, if that is closed."""
    transfer_ship = on_transfer(ship_transfer, TransferShipInput, told="What leaves.")
    """Let all or part of a transfer leave its origin, also of a draft: free units, safety stock among them, but never
    promised ones. Where fewer are free BELOW_ZERO names the row, or without rows the SKU; LOCATION_INACTIVE says that the
    destination is closed by now."""
    transfer_receive = on_transfer(receive_transfer, TransferReceiveInput, told="What came.")
    """Take in all or part of what is on the way, at the destination: fit for sale, damaged, or lost with its reason; of the
    lots that are named, else of those that expire first. Fails where more is reported than is on the way, of a lot too:
    adjust the stock for what came beyond it."""
    transfer_cancel = on_transfer(cancel_transfer, TransferCancelInput, told="Which one, and how.")
    """Call off what was not received of a transfer, or with `lines` a part of what is on the way. Units on the way are back
    at the origin, or written off. Once nothing is on the way or still to be sent it is CANCELED, or RECEIVED where something
    was received before; until then it keeps its status. Units that are back are not sent again."""
