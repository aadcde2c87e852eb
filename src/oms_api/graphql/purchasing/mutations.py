"""Suppliers made and changed; purchase orders written, ordered, confirmed, received and ended."""

from functools import partial

from oms_api.domain.purchasing.commands.confirm import confirm_purchase_order
from oms_api.domain.purchasing.commands.create import create_purchase_order
from oms_api.domain.purchasing.commands.end import cancel_purchase_order, close_purchase_order
from oms_api.domain.purchasing.commands.submit import submit_purchase_order
from oms_api.domain.purchasing.commands.update import update_purchase_order
from oms_api.domain.purchasing.commands.upsert_supplier import upsert_supplier
from oms_api.domain.purchasing.commands.upsert_supplier_sku import upsert_supplier_sku
from oms_api.domain.purchasing.errors import BelowMinimum, NotWholePacks, OverReceipt
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.payloads import Payload
from oms_api.graphql.purchasing.inputs import PurchaseOrderCreateInput, PurchaseOrderUpdateInput
from oms_api.graphql.purchasing.progress_inputs import (
    PurchaseOrderCancelInput,
    PurchaseOrderCloseInput,
    PurchaseOrderConfirmInput,
    PurchaseOrderReceiveInput,
    PurchaseOrderSubmitInput,
)
from oms_api.graphql.purchasing.supplier_inputs import SupplierSkuUpsertInput, SupplierUpsertInput
from oms_api.graphql.purchasing.suppliers import Supplier, SupplierSku
from oms_api.graphql.purchasing.types import PurchaseOrder
from oms_api.kernel.access import Scope
from oms_api.workflows.receive_purchase_order import receive_purchase_order


@represents(BelowMinimum, lambda error: {"minimum": error.minimum})
@output
class BelowMinimumError(UserError):
    """The order quantity is below the supplier's minimum."""

    minimum: int
    """The minimum order quantity, in units."""


@represents(NotWholePacks, lambda error: {"pack_size": error.pack_size})
@output
class NotWholePacksError(UserError):
    """The order quantity is not a multiple of the pack size."""

    pack_size: int
    """The units in one pack."""


@represents(OverReceipt, lambda error: {"most": error.most, "accepted": error.accepted})
@output
class OverReceiptError(UserError):
    """The receipt would accept more units than the tolerance allows."""

    most: int
    """The highest number of units of the line that may be accepted in total."""
    accepted: int
    """The units accepted before."""


@output
class SupplierUpsertPayload(Payload):
    """The supplier as it is now."""

    supplier: Supplier | None = None
    """The supplier."""


@output
class SupplierSkuUpsertPayload(Payload):
    """The SKU of the supplier, as it is now."""

    supplier_sku: SupplierSku | None = None
    """The SKU as the supplier sells it."""


@output
class PurchaseOrderPayload(Payload):
    """The purchase order, or why nothing was done."""

    purchase_order: PurchaseOrder | None = None
    """The purchase order. Where `replayed` is true, this is its present state."""


on_purchase_order = partial(carries_out, payload=PurchaseOrderPayload, scope=Scope.PURCHASING_WRITE)


@output
class PurchasingMutations:
    """Suppliers made and changed; purchase orders written, ordered, confirmed, received and ended."""

    supplier_upsert = carries_out(
        upsert_supplier, SupplierUpsertInput, SupplierUpsertPayload, Scope.PURCHASING_WRITE, describes="The supplier."
    )
    """Create a supplier, or change the supplier with the same code. Fails with INVALID_VALUE for a new supplier without name or
    currency, and with LIMITED_KEY for a new supplier if the API key is limited to certain suppliers."""
    supplier_sku_upsert = carries_out(
        upsert_supplier_sku,
        SupplierSkuUpsertInput,
        SupplierSkuUpsertPayload,
        Scope.PURCHASING_WRITE,
        describes="The SKU as the supplier sells it.",
    )
    """Record how a supplier sells a SKU: its own code, cost, pack size, minimum quantity and lead time. Fails with NOT_STOCKED
    for a SKU that is not GOODS, and with LIMITED_KEY where an API key that is limited to certain suppliers sets `preferred`."""
    purchase_order_create = on_purchase_order(create_purchase_order, PurchaseOrderCreateInput, describes="The purchase order.")
    """Create a purchase order as a draft, checked against the supplier's SKUs, minimums and pack sizes. Nothing is incoming
    before it is submitted."""
    purchase_order_update = on_purchase_order(update_purchase_order, PurchaseOrderUpdateInput, describes="The changes.")
    """Change a draft of a purchase order; its lines are replaced as a whole."""
    purchase_order_submit = on_purchase_order(submit_purchase_order, PurchaseOrderSubmitInput, describes="The draft.")
    """Submit a draft to its supplier: from now on its goods are incoming. A line without an expected date gets a date from the
    lead time, where it is known. Fails where a line can no longer be ordered: SUPPLIER_INACTIVE, LOCATION_INACTIVE,
    NOT_SUPPLIED, SKU_INACTIVE, BELOW_MINIMUM, NOT_WHOLE_PACKS."""
    purchase_order_confirm = on_purchase_order(confirm_purchase_order, PurchaseOrderConfirmInput, describes="The confirmation.")
    """Record the quantities and dates that the supplier confirms, as often as needed while goods are expected. Changed dates
    are published as PURCHASE_ORDER_CHANGED."""
    purchase_order_receive = on_purchase_order(
        receive_purchase_order, PurchaseOrderReceiveInput, describes="The units received."
    )
    """Receive all or part of a purchase order at its location: accepted units enter stock at once, by stock movements; rejected
    units are only recorded. Fails with OVER_RECEIPT where more units are accepted than the tolerance allows."""
    purchase_order_close = on_purchase_order(close_purchase_order, PurchaseOrderCloseInput, describes="The record.")
    """Close a partly received purchase order: its open units are no longer expected."""
    purchase_order_cancel = on_purchase_order(cancel_purchase_order, PurchaseOrderCancelInput, describes="The record.")
    """Cancel a purchase order before any of it was received."""
