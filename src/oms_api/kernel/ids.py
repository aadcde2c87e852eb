"""Typed ids: UUIDv7 in the database, TypeID text (``order_01h...``) at the edge."""

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, TypeVar
from uuid import UUID

import uuid_utils.compat
from typeid.base32 import decode as decode_base32
from typeid.base32 import encode as encode_base32

from oms_api.kernel.errors import InvalidId

SUFFIX = re.compile("[0-7][0-9a-hjkmnp-tv-z]{25}")
"""128 bits in Crockford's base 32: the first digit carries three of them."""

CLOCKS_APART_S = 60
Id = TypeVar("Id", bound=UUID)
"""Any of the types of ids."""

AdjustmentId = NewType("AdjustmentId", UUID)
AdjustmentLineId = NewType("AdjustmentLineId", UUID)
AllocationId = NewType("AllocationId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
AttributeDefinitionId = NewType("AttributeDefinitionId", UUID)
BackorderId = NewType("BackorderId", UUID)
BoxId = NewType("BoxId", UUID)
CancellationId = NewType("CancellationId", UUID)
CancellationLineId = NewType("CancellationLineId", UUID)
CarrierAccountId = NewType("CarrierAccountId", UUID)
CarrierRateId = NewType("CarrierRateId", UUID)
ChannelId = NewType("ChannelId", UUID)
CountId = NewType("CountId", UUID)
CountLineId = NewType("CountLineId", UUID)
CustomerId = NewType("CustomerId", UUID)
DocumentTemplateId = NewType("DocumentTemplateId", UUID)
DocumentTemplateVersionId = NewType("DocumentTemplateVersionId", UUID)
EventId = NewType("EventId", UUID)
FeeId = NewType("FeeId", UUID)
FileId = NewType("FileId", UUID)
FulfillmentOrderId = NewType("FulfillmentOrderId", UUID)
FulfillmentOrderLineId = NewType("FulfillmentOrderLineId", UUID)
FulfillmentRequestId = NewType("FulfillmentRequestId", UUID)
HoldId = NewType("HoldId", UUID)
IntegrationId = NewType("IntegrationId", UUID)
InventoryAlertId = NewType("InventoryAlertId", UUID)
InventoryReasonId = NewType("InventoryReasonId", UUID)
JobId = NewType("JobId", UUID)
LabelBatchId = NewType("LabelBatchId", UUID)
LabelBatchItemId = NewType("LabelBatchItemId", UUID)
LabelId = NewType("LabelId", UUID)
LevelId = NewType("LevelId", UUID)
LineId = NewType("LineId", UUID)
ListingId = NewType("ListingId", UUID)
LocationGroupId = NewType("LocationGroupId", UUID)
LocationId = NewType("LocationId", UUID)
LotId = NewType("LotId", UUID)
ManifestId = NewType("ManifestId", UUID)
MoveId = NewType("MoveId", UUID)
MoveLineId = NewType("MoveLineId", UUID)
MovementId = NewType("MovementId", UUID)
OrderChangeId = NewType("OrderChangeId", UUID)
OrderChangeLineId = NewType("OrderChangeLineId", UUID)
OrderDraftId = NewType("OrderDraftId", UUID)
OrderId = NewType("OrderId", UUID)
OrderIntakeId = NewType("OrderIntakeId", UUID)
OrderIntakeAttemptId = NewType("OrderIntakeAttemptId", UUID)
OrderNoteId = NewType("OrderNoteId", UUID)
OrderReasonId = NewType("OrderReasonId", UUID)
OrderRuleId = NewType("OrderRuleId", UUID)
OrderRuleMatchId = NewType("OrderRuleMatchId", UUID)
OrderRuleSimulationId = NewType("OrderRuleSimulationId", UUID)
OrderRuleVersionId = NewType("OrderRuleVersionId", UUID)
OrderRulingId = NewType("OrderRulingId", UUID)
PackageId = NewType("PackageId", UUID)
PackageLineId = NewType("PackageLineId", UUID)
PaymentEventId = NewType("PaymentEventId", UUID)
PaymentTransactionId = NewType("PaymentTransactionId", UUID)
PickBatchId = NewType("PickBatchId", UUID)
PickBatchLineId = NewType("PickBatchLineId", UUID)
PickupId = NewType("PickupId", UUID)
PostalZoneId = NewType("PostalZoneId", UUID)
PurchaseOrderId = NewType("PurchaseOrderId", UUID)
PurchaseOrderLineId = NewType("PurchaseOrderLineId", UUID)
PurchaseReceiptId = NewType("PurchaseReceiptId", UUID)
PurchaseReceiptLineId = NewType("PurchaseReceiptLineId", UUID)
RefundId = NewType("RefundId", UUID)
RejectionId = NewType("RejectionId", UUID)
RejectionLineId = NewType("RejectionLineId", UUID)
ReservationId = NewType("ReservationId", UUID)
ReservationLineId = NewType("ReservationLineId", UUID)
ReturnId = NewType("ReturnId", UUID)
ReturnLineId = NewType("ReturnLineId", UUID)
ReturnReceiptId = NewType("ReturnReceiptId", UUID)
ReturnReceiptLineId = NewType("ReturnReceiptLineId", UUID)
RulebookId = NewType("RulebookId", UUID)
ShipmentId = NewType("ShipmentId", UUID)
ShipmentAlertId = NewType("ShipmentAlertId", UUID)
ShipmentLineId = NewType("ShipmentLineId", UUID)
ShippingServiceId = NewType("ShippingServiceId", UUID)
SkuId = NewType("SkuId", UUID)
SourcingDecisionId = NewType("SourcingDecisionId", UUID)
SourcingId = NewType("SourcingId", UUID)
SourcingLineId = NewType("SourcingLineId", UUID)
SourcingProfileId = NewType("SourcingProfileId", UUID)
SourcingProfileVersionId = NewType("SourcingProfileVersionId", UUID)
SourcingSimulationId = NewType("SourcingSimulationId", UUID)
StockBandId = NewType("StockBandId", UUID)
StockPlanId = NewType("StockPlanId", UUID)
StockPlanLineId = NewType("StockPlanLineId", UUID)
SupplierId = NewType("SupplierId", UUID)
SupplierSkuId = NewType("SupplierSkuId", UUID)
SyncId = NewType("SyncId", UUID)
TrackingEventId = NewType("TrackingEventId", UUID)
TrackingImportId = NewType("TrackingImportId", UUID)
TrackingImportItemId = NewType("TrackingImportItemId", UUID)
TransferActId = NewType("TransferActId", UUID)
TransferActLineId = NewType("TransferActLineId", UUID)
TransferId = NewType("TransferId", UUID)
TransferLineId = NewType("TransferLineId", UUID)
DeallocationId = NewType("DeallocationId", UUID)
DeallocationLineId = NewType("DeallocationLineId", UUID)


class IdKind(StrEnum):
    """The prefix of each kind of id, as clients see it."""

    ADJUSTMENT = "adj"
    ADJUSTMENT_LINE = "adjline"
    ALLOCATION = "alloc"
    API_KEY = "key"
    ATTRIBUTE_DEFINITION = "attribute"
    BACKORDER = "backorder"
    BOX = "box"
    CANCELLATION = "cancel"
    CANCELLATION_LINE = "cancelline"
    CARRIER_ACCOUNT = "cacc"
    CARRIER_RATE = "crate"
    CHANNEL = "channel"
    COUNT = "count"
    COUNT_LINE = "countline"
    CUSTOMER = "customer"
    DOCUMENT_TEMPLATE = "doctemplate"
    DOCUMENT_TEMPLATE_VERSION = "doctempver"
    EVENT = "event"
    FEE = "fee"
    FILE = "file"
    FULFILLMENT_ORDER = "fo"
    FULFILLMENT_ORDER_LINE = "foline"
    FULFILLMENT_REQUEST = "freq"
    HOLD = "hold"
    INTEGRATION = "client"
    INVENTORY_ALERT = "alert"
    INVENTORY_REASON = "reason"
    JOB = "job"
    LABEL = "label"
    LABEL_BATCH = "labelbatch"
    LABEL_BATCH_ITEM = "labelitem"
    LEVEL = "level"
    LINE = "line"
    LISTING = "listing"
    LOCATION = "location"
    LOCATION_GROUP = "locgroup"
    LOT = "lot"
    MANIFEST = "manifest"
    MOVE = "move"
    MOVEMENT = "movement"
    MOVE_LINE = "moveline"
    ORDER = "order"
    ORDER_CHANGE = "change"
    ORDER_CHANGE_LINE = "changeline"
    ORDER_DRAFT = "draft"
    ORDER_INTAKE = "intake"
    ORDER_INTAKE_ATTEMPT = "attempt"
    ORDER_NOTE = "note"
    ORDER_REASON = "orderreason"
    ORDER_RULE = "rule"
    ORDER_RULE_MATCH = "rulematch"
    ORDER_RULE_SIMULATION = "rulesim"
    ORDER_RULE_VERSION = "rulever"
    ORDER_RULING = "ruling"
    PACKAGE = "package"
    PACKAGE_LINE = "packline"
    PAYMENT_EVENT = "payevent"
    PAYMENT_TRANSACTION = "payment"
    PICK_BATCH = "pick"
    PICK_BATCH_LINE = "pickline"
    PICKUP = "pickup"
    POSTAL_ZONE = "zone"
    PURCHASE_ORDER = "po"
    PURCHASE_ORDER_LINE = "poline"
    PURCHASE_RECEIPT = "porec"
    PURCHASE_RECEIPT_LINE = "porecline"
    REFUND = "refund"
    REJECTION = "rejection"
    REJECTION_LINE = "rejectline"
    RESERVATION = "res"
    RESERVATION_LINE = "resline"
    RETURN = "return"
    RETURN_LINE = "retline"
    RETURN_RECEIPT = "retreceipt"
    RETURN_RECEIPT_LINE = "retrecline"
    RULEBOOK = "rulebook"
    SHIPMENT = "shipment"
    SHIPMENT_ALERT = "shipalert"
    SHIPMENT_LINE = "shipline"
    SHIPPING_SERVICE = "service"
    SKU = "sku"
    SOURCING = "sourcing"
    SOURCING_DECISION = "decision"
    SOURCING_LINE = "sourceline"
    SOURCING_PROFILE = "profile"
    SOURCING_PROFILE_VERSION = "profver"
    SOURCING_SIMULATION = "simulation"
    STOCK_BAND = "band"
    STOCK_PLAN = "plan"
    STOCK_PLAN_LINE = "planline"
    SUPPLIER = "supplier"
    SUPPLIER_SKU = "suppliersku"
    SYNC = "sync"
    TRACKING_EVENT = "track"
    TRACKING_IMPORT = "trackimport"
    TRACKING_IMPORT_ITEM = "trackitem"
    TRANSFER = "transfer"
    TRANSFER_ACT = "transact"
    TRANSFER_ACT_LINE = "transline"
    TRANSFER_LINE = "transitem"
    DEALLOCATION = "lost"
    DEALLOCATION_LINE = "lostline"


KINDS = {kind.value: kind for kind in IdKind}
ID_TYPES: dict[Any, IdKind] = {globals()[f"{kind.name.title().replace('_', '')}Id"]: kind for kind in IdKind}
"""The kind of each type of id: OrderId of ORDER, PurchaseOrderLineId of PURCHASE_ORDER_LINE."""


def new_uuid() -> UUID:
    """Return a fresh UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def least_uuid(at: datetime) -> UUID:
    """Return a UUIDv7 that no id made from *at* on is less than, where no clock of two machines is a minute off."""
    milliseconds = max(int((at.timestamp() - CLOCKS_APART_S) * 1000), 0)
    return UUID(int=milliseconds << 80)


def text_id(kind: IdKind, value: UUID) -> str:
    """Return the TypeID text of *value*, for example ``order_01h2xcejqtf2nbrexx3vqjhp41``."""
    return f"{kind.value}_{encode_base32(value.bytes)}"


def id_writer(kind: IdKind) -> Callable[[UUID], str]:
    """Return what gives the TypeID text of ids of *kind*, as `text_id` does."""
    prefix = f"{kind.value}_"
    return lambda value: prefix + encode_base32(value.int.to_bytes(16))


def parse_id(of: Callable[[UUID], Id], text: str) -> Id:
    """Return the id behind the TypeID *text*: ``parse_id(OrderId, "order_01h2xcejqtf2nbrexx3vqjhp41")``.

    Raises: InvalidId, when *text* is no TypeID or one of another kind.
    """
    found, kind = _split(text), ID_TYPES[of]
    if found is None or found[0] is not kind:
        name = kind.name.lower().replace("_", " ")
        article = "an" if name[0] in "aeiou" else "a"
        raise InvalidId(expected=f"the id of {article} {name}, such as {kind.value}_01h...", given=text)
    return of(found[1])


def split_id(text: str) -> tuple[IdKind, UUID]:
    """Return the kind and the UUID of any TypeID. Raises: InvalidId."""
    found = _split(text)
    if found is None:
        raise InvalidId(expected="an id such as order_01h...", given=text)
    return found


def _split(text: str) -> tuple[IdKind, UUID] | None:
    prefix, _, suffix = text.rpartition("_")
    kind = KINDS.get(prefix)
    if kind is None or SUFFIX.fullmatch(suffix) is None:
        return None
    return kind, UUID(bytes=bytes(decode_base32(suffix)))
