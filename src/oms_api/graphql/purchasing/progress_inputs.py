"""What clients send about a purchase order on its way: ordered, confirmed, received, ended."""

from datetime import datetime

from oms_api.domain.purchasing.commands.confirm import ConfirmPurchaseOrder, LineToConfirm
from oms_api.domain.purchasing.commands.end import EndPurchaseOrder
from oms_api.domain.purchasing.commands.submit import SubmitPurchaseOrder
from oms_api.domain.purchasing.receiving import LineReceived
from oms_api.domain.purchasing.states import ReceiptBucket, RejectReason
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.lots.inputs import LotInput
from oms_api.kernel.ids import PurchaseOrderId, PurchaseOrderLineId
from oms_api.workflows.receive_purchase_order import ReceivePurchaseOrder


@input_type
class PurchaseOrderSubmitInput(Input[SubmitPurchaseOrder]):
    """A draft that the supplier gets."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase order; kept 72 hours."""
    purchase_order_id: PurchaseOrderId
    """The draft."""
    expected_version: int | None = None
    """The version it is based on; another one is refused."""
    occurred_at: datetime | None = None
    """When it was sent, if not now; needs the scope `orders:import`, never in the future or before it was written."""


@input_type
class PurchaseOrderConfirmLineInput(Input[LineToConfirm]):
    """What the supplier says of one line."""

    purchase_order_line_id: PurchaseOrderLineId = becomes("line_id")
    """The line."""
    quantity: int | None = None
    """Units that will come in all, those that came included: from 0 to what was ordered. By default nothing new."""
    expected_at: datetime | None = None
    """When what is open is expected. By default nothing new."""


@input_type
class PurchaseOrderConfirmInput(Input[ConfirmPurchaseOrder]):
    """What the supplier says will come, and when; it may say so again while goods are expected."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase order; kept 72 hours."""
    purchase_order_id: PurchaseOrderId
    """The purchase order."""
    lines: list[PurchaseOrderConfirmLineInput] | None = None
    """The lines it says something new of; the first time, the others are confirmed as they were ordered."""
    supplier_ref: str | None = None
    """The supplier's own number for the order."""
    expected_version: int | None = None
    """The version it is based on; another one is refused."""
    occurred_at: datetime | None = None
    """When it said so, if not now; needs the scope `orders:import`, never in the future or before what was recorded last."""


@input_type
class PurchaseOrderReceiveLineInput:
    """Units of one line that were delivered; at least one, accepted or rejected."""

    purchase_order_line_id: PurchaseOrderLineId
    """The line; it may stand in several rows where its units go to different buckets or are of different lots."""
    accepted: int = 0
    """Units that are taken in: with those before, within the tolerance for over-receipt."""
    rejected: int = 0
    """Units that are not taken in: they move no stock."""
    reject_reason: RejectReason | None = None
    """Why not; needed where units are rejected."""
    replaced: bool = False
    """Whether the supplier sends others for the rejected units: then these are open, and incoming, again."""
    note: str | None = None
    """What is to be said about it."""
    to: ReceiptBucket | None = None
    """Where accepted units go; by default where those of the receipt go."""
    lot: LotInput | None = None
    """The lot that accepted units are of, where lots are told apart."""

    def to_line(self, otherwise: ReceiptBucket) -> LineReceived:
        """Return the line as the domain takes it."""
        return LineReceived(
            line_id=self.purchase_order_line_id,
            accepted=self.accepted,
            rejected=self.rejected,
            reject_reason=self.reject_reason,
            replaced=self.replaced,
            note=self.note,
            bucket=self.to or otherwise,
            lot=self.lot.to_command() if self.lot else None,
        )


@input_type
class PurchaseOrderReceiveInput(Input[ReceivePurchaseOrder]):
    """Goods that were delivered."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase order; kept 72 hours."""
    purchase_order_id: PurchaseOrderId
    """The purchase order; the goods come to its location."""
    lines: list[PurchaseOrderReceiveLineInput] | None = None
    """What came; without it all that is open, accepted."""
    to: ReceiptBucket = ReceiptBucket.FREE
    """Where accepted units go, unless their line says otherwise."""
    reference: str | None = None
    """The supplier's delivery note."""
    note: str | None = None
    """What is to be said about it."""
    expected_version: int | None = None
    """The version it is based on; another one is refused."""
    occurred_at: datetime | None = None
    """When it came, if not now; needs the scope `orders:import`, never in the future or before it was ordered."""

    def to_command(self) -> ReceivePurchaseOrder:
        """Return the command: lines that do not say where their units go follow the receipt."""
        return ReceivePurchaseOrder(
            idempotency_key=self.idempotency_key,
            purchase_order_id=self.purchase_order_id,
            lines=None if self.lines is None else tuple(line.to_line(self.to) for line in self.lines),
            bucket=self.to,
            reference=self.reference,
            note=self.note,
            expected_version=self.expected_version,
            occurred_at=self.occurred_at,
        )


@input_type
class PurchaseOrderEndInput(Input[EndPurchaseOrder]):
    """A purchase order of which nothing more is expected."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the purchase order; kept 72 hours."""
    purchase_order_id: PurchaseOrderId
    """The purchase order."""
    note: str | None = None
    """Why, for people."""
    expected_version: int | None = None
    """The version it is based on; another one is refused."""
    occurred_at: datetime | None = None
    """When, if not now; needs the scope `orders:import`, never in the future or before what was recorded last."""


@input_type
class PurchaseOrderCloseInput(PurchaseOrderEndInput):
    """A purchase order of which nothing more is expected, though less may have come than was ordered."""


@input_type
class PurchaseOrderCancelInput(PurchaseOrderEndInput):
    """A purchase order that is called off before anything came."""
