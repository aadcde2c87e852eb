"""Typed ids: UUIDv7 in the database, TypeID text (``order_01h...``) at the edge."""

import re
from enum import StrEnum
from typing import NewType
from uuid import UUID

import uuid_utils.compat
from typeid.base32 import decode as decode_base32
from typeid.base32 import encode as encode_base32

from oms_api.kernel.errors import InvalidId

SUFFIX = re.compile("[0-7][0-9a-hjkmnp-tv-z]{25}")
"""128 bits in Crockford's base 32: the first digit carries three of them."""

ChannelId = NewType("ChannelId", UUID)
CustomerId = NewType("CustomerId", UUID)
EventId = NewType("EventId", UUID)
FulfillmentOrderId = NewType("FulfillmentOrderId", UUID)
LevelId = NewType("LevelId", UUID)
LineId = NewType("LineId", UUID)
LocationId = NewType("LocationId", UUID)
OrderId = NewType("OrderId", UUID)
ShipmentId = NewType("ShipmentId", UUID)
SkuId = NewType("SkuId", UUID)


class IdKind(StrEnum):
    """The prefix of each kind of id, as clients see it."""

    ADJUSTMENT = "adj"
    ADJUSTMENT_LINE = "adjline"
    ALLOCATION = "alloc"
    API_KEY = "key"
    BACKORDER = "backorder"
    CANCELLATION = "cancel"
    CANCELLATION_LINE = "cancelline"
    CHANNEL = "channel"
    COUNT = "count"
    COUNT_LINE = "countline"
    CUSTOMER = "customer"
    EVENT = "event"
    FULFILLMENT_ORDER = "fo"
    FULFILLMENT_ORDER_LINE = "foline"
    INTEGRATION = "client"
    INVENTORY_ALERT = "alert"
    INVENTORY_REASON = "reason"
    JOB = "job"
    LEVEL = "level"
    LINE = "line"
    LISTING = "listing"
    LOCATION = "location"
    LOT = "lot"
    MOVE = "move"
    MOVEMENT = "movement"
    MOVE_LINE = "moveline"
    ORDER = "order"
    PACKAGE = "package"
    PAYMENT_EVENT = "payevent"
    PAYMENT_TRANSACTION = "payment"
    PURCHASE_ORDER = "po"
    PURCHASE_ORDER_LINE = "poline"
    PURCHASE_RECEIPT = "porec"
    PURCHASE_RECEIPT_LINE = "porecline"
    REFUND = "refund"
    RESERVATION = "res"
    RESERVATION_LINE = "resline"
    RETURN = "return"
    RETURN_LINE = "retline"
    RETURN_RECEIPT = "retreceipt"
    RETURN_RECEIPT_LINE = "retrecline"
    SHIPMENT = "shipment"
    SHIPMENT_LINE = "shipline"
    SKU = "sku"
    SOURCING = "sourcing"
    SOURCING_LINE = "sourceline"
    STOCK_BAND = "band"
    STOCK_PLAN = "plan"
    STOCK_PLAN_LINE = "planline"
    SUPPLIER = "supplier"
    SUPPLIER_SKU = "suppliersku"
    SYNC = "sync"
    TRANSFER = "transfer"
    TRANSFER_ACT = "transact"
    TRANSFER_ACT_LINE = "transline"
    TRANSFER_LINE = "transitem"
    UNPROMISE = "lost"
    UNPROMISE_LINE = "lostline"


KINDS = {kind.value: kind for kind in IdKind}


def new_uuid() -> UUID:
    """Return a fresh UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def text_id(kind: IdKind, value: UUID) -> str:
    """Return the TypeID text of *value*, for example ``order_01h2xcejqtf2nbrexx3vqjhp41``."""
    return f"{kind.value}_{encode_base32(value.bytes)}"


def parse_id(kind: IdKind, text: str) -> UUID:
    """Return the UUID behind the TypeID *text*.

    Raises: InvalidId, when *text* is no TypeID or one of another kind.
    """
    found = _split(text)
    if found is None or found[0] is not kind:
        name = kind.name.lower().replace("_", " ")
        article = "an" if name[0] in "aeiou" else "a"
        raise InvalidId(expected=f"the id of {article} {name}, such as {kind.value}_01h...", given=text)
    return found[1]


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
