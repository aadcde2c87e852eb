"""Inputs about purchase orders: submitted, confirmed, received, closed."""

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
    """The draft to submit."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase order."""
    purchase_order_id: PurchaseOrderId
    """The draft."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the draft was submitted; by default now. Never in the future, never before it was created. Needs the scope
    `orders:import`."""


@input_type
class PurchaseOrderConfirmLineInput(Input[LineToConfirm]):
    """The supplier's confirmation of one line."""

    purchase_order_line_id: PurchaseOrderLineId = becomes("line_id")
    """The line."""
    quantity: int | None = None
    """Units confirmed in total, received units included: from 0 to the ordered quantity. By default unchanged."""
    expected_at: datetime | None = None
    """When the open units are expected. By default unchanged."""


@input_type
class PurchaseOrderConfirmInput(Input[ConfirmPurchaseOrder]):
    """The quantities and dates that the supplier confirms. They can be confirmed again while goods are expected."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase order."""
    purchase_order_id: PurchaseOrderId
    """The purchase order."""
    lines: list[PurchaseOrderConfirmLineInput] | None = None
    """The lines with new quantities or dates. The first confirmation confirms all other lines as ordered."""
    supplier_ref: str | None = None
    """The supplier's own number for the order."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the supplier confirmed the purchase order; by default now. Never in the future, never before the purchase order was
    submitted, last confirmed or last received. Needs the scope `orders:import`."""


@input_type
class PurchaseOrderReceiveLineInput:
    """Delivered units of one line: at least one unit, accepted or rejected."""

    purchase_order_line_id: PurchaseOrderLineId
    """The line. Several rows may name the same line if the line's units go to different buckets or are of different lots."""
    accepted: int = 0
    """Units accepted into stock. Together with units accepted before, they must stay within the tolerance for over-receipt."""
    rejected: int = 0
    """Units rejected; they do not enter stock."""
    reject_reason: RejectReason | None = None
    """The reason; required where units are rejected."""
    replaced: bool = False
    """Whether the supplier sends replacements for the rejected units. If so, these units still count as open and incoming."""
    note: str | None = None
    """A remark."""
    to: ReceiptBucket | None = None
    """The bucket for units that are accepted; by default the bucket of the receipt."""
    lot: LotInput | None = None
    """The lot of the accepted units, where lots are tracked."""

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
    """A delivery of goods to record."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase order."""
    purchase_order_id: PurchaseOrderId
    """The purchase order. The goods enter stock at its location."""
    lines: list[PurchaseOrderReceiveLineInput] | None = None
    """The delivered units by line; by default all open units are accepted."""
    to: ReceiptBucket = ReceiptBucket.FREE
    """The bucket for units that are accepted, unless their line names another bucket."""
    reference: str | None = None
    """The supplier's delivery note."""
    note: str | None = None
    """A remark."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the delivery came; by default now. Never in the future, never before the goods were ordered. Needs the scope
    `orders:import`."""

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
    """Makes a retry safe: for 72 hours, another call with the same key answers with the purchase order."""
    purchase_order_id: PurchaseOrderId
    """The purchase order."""
    note: str | None = None
    """The reason, for people."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the purchase order was closed or canceled; by default now. Never in the future, never before it was created,
    submitted, last confirmed or last received. Needs the scope `orders:import`."""


@input_type
class PurchaseOrderCloseInput(PurchaseOrderEndInput):
    """The partly received purchase order to close. Its open units are no longer expected."""


@input_type
class PurchaseOrderCancelInput(PurchaseOrderEndInput):
    """The purchase order to cancel; none of its units may have been received."""
