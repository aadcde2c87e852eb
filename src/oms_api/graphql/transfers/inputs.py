"""What clients send to plan, ship, receive and cancel transfers."""

from datetime import datetime

import strawberry

from oms_api.domain.inventory.transfers.commands.cancel import CancelTransfer
from oms_api.domain.inventory.transfers.commands.create import CreateTransfer
from oms_api.domain.inventory.transfers.commands.receive import ReceiveTransfer
from oms_api.domain.inventory.transfers.commands.ship import ShipTransfer
from oms_api.domain.inventory.transfers.commands.update import MarkReady, UpdateTransfer
from oms_api.domain.inventory.transfers.policies import LineToSend, TransferLineToReceive
from oms_api.domain.inventory.transfers.states import TransferDiscrepancy, TransferResolution
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import LocationId, TransferId


@input_type
class TransferLineInput(Input[LineToSend]):
    """Units of one SKU."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods; each SKU once."""
    quantity: int
    """Units, at least 1."""


@input_type
class TransferCreateInput(Input[CreateTransfer]):
    """The transfer."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the transfer that the first call
    created."""
    origin_id: LocationId
    """The origin."""
    destination_id: LocationId
    """The destination. It must be another location than the origin."""
    lines: list[TransferLineInput]
    """1 to 1,000 lines."""
    ready: bool = False
    """Whether the transfer is ready at once, so that the destination expects it; otherwise it is a draft."""
    expected_at: datetime | None = None
    """When the goods should arrive."""
    external_ref: str | None = None
    """The transfer's id in another system, unique."""
    note: str | None = None
    """A remark for the people who handle it."""
    occurred_at: datetime | None = None
    """When it was created; by default now. Never in the future. Needs the scope `orders:import`."""


@input_type
class TransferUpdateInput(Input[UpdateTransfer]):
    """Changes of a transfer. Fields left out stay as they are; locations and lines change in a draft only."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the transfer."""
    transfer_id: TransferId
    """The transfer."""
    origin_id: LocationId | None = None
    """The origin."""
    destination_id: LocationId | None = None
    """The destination."""
    lines: list[TransferLineInput] | None = None
    """All lines of the transfer, 1 to 1,000."""
    expected_at: datetime | None = strawberry.UNSET
    """When the goods should arrive; null where it is not known."""
    external_ref: str | None = strawberry.UNSET
    """The transfer's id in another system, unique; null removes it."""
    note: str | None = strawberry.UNSET
    """A remark for the people who handle the goods; null removes it."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class TransferMarkReadyInput(Input[MarkReady]):
    """The draft to mark as ready."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the transfer."""
    transfer_id: TransferId
    """The transfer."""
    expected_version: int | None = None
    """The version of the transfer that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the transfer was ready; by default now. Never in the future, never before it was planned. Needs the scope
    `orders:import`."""


@input_type
class TransferShipInput(Input[ShipTransfer]):
    """The units that leave the origin."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the transfer."""
    transfer_id: TransferId
    """The transfer."""
    lines: list[TransferLineInput] | None = None
    """Quantities by SKU; by default all unsent units."""
    reference: str | None = None
    """The document behind the step: a delivery note, a tracking number."""
    note: str | None = None
    """A remark on the shipment."""
    expected_version: int | None = None
    """The version of the transfer that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the units left; by default now. Never in the future, never before the transfer was planned. Needs the scope
    `orders:import`."""


@input_type
class TransferReceiveLineInput(Input[TransferLineToReceive]):
    """The outcome of units in transit of one SKU. Give at least one of the three quantities."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The SKU. Name each SKU in one row. If its units have lots, name it in one row for each lot, and in one more row for its
    remaining units."""
    lot: str | None = None
    """The code of a lot. At least as many units of the lot must be in transit as this row reports. Rows without a lot take the
    remaining units: first units of the lots that expire earliest, then units without a lot."""
    received: int = 0
    """Units that came and can be sold."""
    damaged: int = 0
    """Units that came and are not fit for sale."""
    lost: int = 0
    """Units lost."""
    reason: TransferDiscrepancy | None = None
    """The reason why units are damaged or lost; required where any are."""
    note: str | None = None
    """A remark on the units."""


@input_type
class TransferReceiveInput(Input[ReceiveTransfer]):
    """The units that arrived at the destination, and the units that were lost."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the transfer."""
    transfer_id: TransferId
    """The transfer."""
    lines: list[TransferReceiveLineInput] | None = None
    """The outcomes of units in transit, by SKU; they cannot be more than are in transit. By default all units in transit count
    as arrived."""
    reference: str | None = None
    """The document behind the receipt: a delivery note."""
    note: str | None = None
    """A remark on the receipt."""
    expected_version: int | None = None
    """The version of the transfer that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the units came; by default now. Never in the future, never before the first units left. Needs the scope
    `orders:import`."""


@input_type
class TransferCancelInput(Input[CancelTransfer]):
    """The transfer to cancel, wholly or in part, and the treatment of units in transit."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the transfer."""
    transfer_id: TransferId
    """The transfer."""
    resolution: TransferResolution | None = None
    """The treatment of units in transit; required where there are any."""
    lines: list[TransferLineInput] | None = None
    """Limits the cancellation to these units in transit, by SKU. Only they are brought back or written off; units not sent yet
    are still to be sent. By default all units that were not received are canceled, those not sent yet too."""
    note: str | None = None
    """A remark on the reason."""
    expected_version: int | None = None
    """The version of the transfer that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the transfer was canceled; by default now. Never in the future. Never before the transfer was made, and never before
    the latest step recorded on it (a shipment, a receipt or a cancellation). Needs the scope `orders:import`."""
