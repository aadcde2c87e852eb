"""What can be told of suppliers and purchase orders. Costs and people are named without their values."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class SupplierCreated(Event):
    """Goods can be bought from a new supplier."""

    type = "SUPPLIER_CREATED"
    subject = IdKind.SUPPLIER


@dataclass(frozen=True, kw_only=True)
class SupplierChanged(Event):
    """Something about a supplier was changed, or its status."""

    type = "SUPPLIER_CHANGED"
    subject = IdKind.SUPPLIER


@dataclass(frozen=True, kw_only=True)
class SupplierSkuChanged(Event):
    """A supplier supplies a SKU, or supplies it differently."""

    type = "SUPPLIER_SKU_CHANGED"
    subject = IdKind.SUPPLIER_SKU


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderCreated(Event):
    """A purchase order is being written."""

    type = "PURCHASE_ORDER_CREATED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderSubmitted(Event):
    """A supplier was sent a purchase order: what is open of it is incoming."""

    type = "PURCHASE_ORDER_SUBMITTED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderConfirmed(Event):
    """A supplier said how much of a purchase order will come."""

    type = "PURCHASE_ORDER_CONFIRMED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderChanged(Event):
    """A draft was rewritten, or it is expected otherwise: `lines.poline_01h....expectedAt`, before and after.

    The lines of a rewritten draft are named without their values.
    """

    type = "PURCHASE_ORDER_CHANGED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderReceived(Event):
    """Goods of a purchase order were delivered; the cause is the receipt."""

    type = "PURCHASE_ORDER_RECEIVED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderClosed(Event):
    """Nothing more is expected of a purchase order."""

    type = "PURCHASE_ORDER_CLOSED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderCanceled(Event):
    """A purchase order was called off before anything came."""

    type = "PURCHASE_ORDER_CANCELED"
    subject = IdKind.PURCHASE_ORDER
