"""Planning, shipping, receiving and canceling transfers."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from oms_api.db.session import Tx
from oms_api.domain.inventory.transfers.commands.cancel import cancel_transfer
from oms_api.domain.inventory.transfers.commands.create import create_transfer
from oms_api.domain.inventory.transfers.commands.receive import receive_transfer
from oms_api.domain.inventory.transfers.commands.ship import ship_transfer
from oms_api.domain.inventory.transfers.commands.update import mark_ready, update_transfer
from oms_api.domain.inventory.transfers.queries import transfer_by_id
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Command, Keyed, Payload, once
from oms_api.graphql.permissions import mutation
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


async def done(
    info: Info, input: Keyed[Command], carry_out: Callable[[Tx, Command], Awaitable[TransferRow]]
) -> TransferPayload:
    """Carry out what *input* asks for once, and answer with its transfer."""
    found = await once(info, input, carry_out, again=transfer_by_id)
    return TransferPayload(transfer=Transfer.of(found.value), replayed=found.replayed)


@output
class TransferMutations:
    """Planning, shipping, receiving and canceling transfers."""

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Plan that goods go from one location to another; the key must see both. Nothing moves yet: of a draft "
        "nothing is expected, and once it is ready it is `incoming` at its destination.",
    )
    async def transfer_create(
        self, info: Info, input: Annotated[TransferCreateInput, argument("What goes where.")]
    ) -> TransferPayload:
        return await done(info, input, create_transfer)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Change a transfer: locations and lines while it is a draft, date, note and reference until it is over.",
    )
    async def transfer_update(
        self, info: Info, input: Annotated[TransferUpdateInput, argument("What is to be different.")]
    ) -> TransferPayload:
        return await done(info, input, update_transfer)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Let the destination expect a transfer that is a draft. Fails with LOCATION_INACTIVE, if that is closed.",
    )
    async def transfer_mark_ready(
        self, info: Info, input: Annotated[TransferMarkReadyInput, argument("Which one.")]
    ) -> TransferPayload:
        return await done(info, input, mark_ready)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Let all or part of a transfer leave its origin, also of a draft: free units, safety stock among them, but "
        "never promised ones. Where fewer are free BELOW_ZERO names the row, or without rows the SKU; LOCATION_INACTIVE says "
        "that the destination is closed by now.",
    )
    async def transfer_ship(self, info: Info, input: Annotated[TransferShipInput, argument("What leaves.")]) -> TransferPayload:
        return await done(info, input, ship_transfer)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Take in all or part of what is on the way, at the destination: fit for sale, damaged, or lost with its "
        "reason; of the lots that are named, else of those that expire first. Fails where more is reported than is on the way, "
        "of a lot too: adjust the stock for what came beyond it.",
    )
    async def transfer_receive(
        self, info: Info, input: Annotated[TransferReceiveInput, argument("What came.")]
    ) -> TransferPayload:
        return await done(info, input, receive_transfer)

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Call off what was not received of a transfer, or with `lines` a part of what is on the way. Units on the "
        "way are back at the origin, or written off. Once nothing is on the way or still to be sent it is CANCELED, or "
        "RECEIVED where something was received before; until then it keeps its status. Units that are back are not sent again.",
    )
    async def transfer_cancel(
        self, info: Info, input: Annotated[TransferCancelInput, argument("Which one, and how.")]
    ) -> TransferPayload:
        return await done(info, input, cancel_transfer)
