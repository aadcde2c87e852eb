"""What clients send to plan, ship, receive and cancel transfers."""

from datetime import datetime

import strawberry

from oms_api.domain.inventory.transfers.commands.cancel import CancelTransfer
from oms_api.domain.inventory.transfers.commands.create import CreateTransfer
from oms_api.domain.inventory.transfers.commands.receive import ReceiveTransfer
from oms_api.domain.inventory.transfers.commands.ship import ShipTransfer
from oms_api.domain.inventory.transfers.commands.update import MarkReady, UpdateTransfer
from oms_api.domain.inventory.transfers.policies import LineToReceive, LineToSend
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
    """How many units, at least 1."""


@input_type
class TransferCreateInput(Input[CreateTransfer]):
    """What goes where."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the transfer made first; kept 72 hours."""
    origin_id: LocationId
    """The location that the goods leave."""
    destination_id: LocationId
    """The location that they go to, another one."""
    lines: list[TransferLineInput]
    """1 to 1,000 lines."""
    ready: bool = False
    """Whether the destination may expect it at once; otherwise it is a draft."""
    expected_at: datetime | None = None
    """When it should arrive."""
    external_ref: str | None = None
    """Its id in another system, unique."""
    note: str | None = None
    """A remark for whoever handles it."""
    occurred_at: datetime | None = None
    """When it was planned, if not now; needs the scope `orders:import`, never in the future."""


@input_type
class TransferUpdateInput(Input[UpdateTransfer]):
    """What is to be different; what is left out stays as it is. Locations and lines change in a draft only."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the transfer; kept 72 hours."""
    transfer_id: TransferId
    """The transfer."""
    origin_id: LocationId | None = None
    """The location that the goods leave."""
    destination_id: LocationId | None = None
    """The location that they go to."""
    lines: list[TransferLineInput] | None = None
    """All of its lines, 1 to 1,000."""
    expected_at: datetime | None = strawberry.UNSET
    """When it should arrive; null where nobody knows."""
    external_ref: str | None = strawberry.UNSET
    """Its id in another system, unique; null takes it away."""
    note: str | None = strawberry.UNSET
    """A remark for whoever handles it; null takes it away."""
    expected_version: int | None = None
    """Change it only while it has this version."""


@input_type
class TransferMarkReadyInput(Input[MarkReady]):
    """Which draft the destination may expect."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the transfer; kept 72 hours."""
    transfer_id: TransferId
    """The transfer."""
    expected_version: int | None = None
    """Do it only while the transfer has this version."""
    occurred_at: datetime | None = None
    """When it was ready, if not now; needs the scope `orders:import`, never in the future or before it was planned."""


@input_type
class TransferShipInput(Input[ShipTransfer]):
    """What leaves the origin."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the transfer; kept 72 hours."""
    transfer_id: TransferId
    """The transfer."""
    lines: list[TransferLineInput] | None = None
    """Quantities of its SKUs; without it everything that is still to be sent."""
    reference: str | None = None
    """The document behind it: a delivery note, a tracking number."""
    note: str | None = None
    """A remark on the shipment."""
    expected_version: int | None = None
    """Ship only while the transfer has this version."""
    occurred_at: datetime | None = None
    """When they left, if not now; needs the scope `orders:import`, never in the future or before it was planned."""


@input_type
class TransferReceiveLineInput(Input[LineToReceive]):
    """What became of units of one SKU on the way; at least one of the three quantities."""

    sku: SkuByInput = becomes(by=SkuByInput.to_reference)
    """The goods; each SKU once, or once for each lot and once for what is left."""
    lot: str | None = None
    """The code of the lot that they are of, one of which so many units are on the way. Units of which no lot is named are of
    what the other rows leave: of the lots that expire first, then of none."""
    received: int = 0
    """Units that came and can be sold."""
    damaged: int = 0
    """Units that came and are not fit for sale."""
    lost: int = 0
    """Units that do not come."""
    reason: TransferDiscrepancy | None = None
    """Why units are damaged or lost; needed where any are."""
    note: str | None = None
    """A remark on them."""


@input_type
class TransferReceiveInput(Input[ReceiveTransfer]):
    """What came to the destination, and what does not come."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the transfer; kept 72 hours."""
    transfer_id: TransferId
    """The transfer."""
    lines: list[TransferReceiveLineInput] | None = None
    """By SKU, at most what is on the way; without it all of that arrived."""
    reference: str | None = None
    """The document behind it: a delivery note."""
    note: str | None = None
    """A remark on the receipt."""
    expected_version: int | None = None
    """Receive only while the transfer has this version."""
    occurred_at: datetime | None = None
    """When they came, if not now; needs the scope `orders:import`, never in the future or before the first units left."""


@input_type
class TransferCancelInput(Input[CancelTransfer]):
    """Which transfer is called off, all of it or a part, and what becomes of units on the way."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the transfer; kept 72 hours."""
    transfer_id: TransferId
    """The transfer."""
    resolution: TransferResolution | None = None
    """What becomes of units on the way; needed where there are any."""
    lines: list[TransferLineInput] | None = None
    """Units on the way of its SKUs: only these are brought back or written off, and nothing else is called off. Without it all
    that was not received, what is still to be sent too."""
    note: str | None = None
    """A remark on its end."""
    expected_version: int | None = None
    """Cancel it only while it has this version."""
    occurred_at: datetime | None = None
    """When it was called off, if not now; needs the scope `orders:import`, never in the future or before what was done last."""
