"""Events of suppliers and purchase orders. Costs and people are named without their values."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class SupplierCreated(Event):
    """A supplier was created."""

    type = "SUPPLIER_CREATED"
    subject = IdKind.SUPPLIER


@dataclass(frozen=True, kw_only=True)
class SupplierChanged(Event):
    """A supplier or its status was changed."""

    type = "SUPPLIER_CHANGED"
    subject = IdKind.SUPPLIER


@dataclass(frozen=True, kw_only=True)
class SupplierSkuChanged(Event):
    """A SKU of a supplier was created or changed."""

    type = "SUPPLIER_SKU_CHANGED"
    subject = IdKind.SUPPLIER_SKU


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderCreated(Event):
    """A draft of a purchase order was created."""

    type = "PURCHASE_ORDER_CREATED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderSubmitted(Event):
    """A purchase order was submitted to its supplier: its open units are incoming."""

    type = "PURCHASE_ORDER_SUBMITTED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderConfirmed(Event):
    """A supplier confirmed how much of a purchase order will come."""

    type = "PURCHASE_ORDER_CONFIRMED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderChanged(Event):
    """A draft was rewritten, or expected dates changed.

    The dates stand under `lines.poline_01h....expectedAt`, before and after the change.

    For a rewritten draft, `changes` names the lines but leaves out their content.
    """

    type = "PURCHASE_ORDER_CHANGED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderReceived(Event):
    """Goods of a purchase order were received."""

    type = "PURCHASE_ORDER_RECEIVED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderClosed(Event):
    """Nothing more is expected of a purchase order."""

    type = "PURCHASE_ORDER_CLOSED"
    subject = IdKind.PURCHASE_ORDER


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderCanceled(Event):
    """A purchase order was canceled before any of it was received."""

    type = "PURCHASE_ORDER_CANCELED"
    subject = IdKind.PURCHASE_ORDER
