"""Buckets, outside accounts and kinds of movement."""

from enum import StrEnum


class Bucket(StrEnum):
    """Where the units of a level lie: each is a column of the level, and never negative."""

    FREE = "free"
    """Promised to nobody; safety stock is part of it."""
    COMMITTED = "committed"
    """Promised to order lines."""
    RESERVED = "reserved"
    """Held for checkouts, until a deadline."""
    QUALITY_CONTROL = "quality_control"
    """Waiting to be inspected."""
    DAMAGED = "damaged"
    """Not fit for sale."""


class Account(StrEnum):
    """One side of a movement: a bucket of its level, or an account outside all levels."""

    FREE = "free"
    """Promised to nobody; safety stock is part of it."""
    COMMITTED = "committed"
    """Promised to order lines."""
    RESERVED = "reserved"
    """Held for checkouts, until a deadline."""
    QUALITY_CONTROL = "quality_control"
    """Waiting to be inspected."""
    DAMAGED = "damaged"
    """Not fit for sale."""
    SUPPLIER = "supplier"
    """Outside: with a supplier."""
    CUSTOMER = "customer"
    """Outside: with a customer."""
    IN_TRANSIT = "in_transit"
    """Outside: on the way between two locations."""
    ADJUSTMENT = "adjustment"
    """Outside: where found units come from and missing ones go."""


class MovementKind(StrEnum):
    """Why units moved."""

    ALLOCATE = "ALLOCATE"
    """Promised to an order line: free to committed."""
    RELEASE = "RELEASE"
    """The promise was taken back: committed to free."""
    SHIP = "SHIP"
    """Left for the customer: committed to customer."""
    TAKE_BACK = "TAKE_BACK"
    """Came back from the customer: customer to free, quality control or damaged."""
    SCRAP = "SCRAP"
    """Thrown away: damaged to adjustment."""
    FOUND = "FOUND"
    """More was there than was known: adjustment to free."""
    NOT_FOUND = "NOT_FOUND"
    """Less was there than was known: free or committed to adjustment."""


class CauseKind(StrEnum):
    """The kind of document line that caused a movement."""

    ORDER_LINE = "line"
    """A line of an order that was placed."""
    CANCELLATION_LINE = "cancelline"
    """A line of a cancellation."""
    SHIPMENT_LINE = "shipline"
    """A line of a shipment."""
    RETURN_RECEIPT_LINE = "retrecline"
    """A line of a receipt of returned goods."""
    ADJUSTMENT_LINE = "adjline"
    """A line of an inventory adjustment."""


class AdjustmentReason(StrEnum):
    """Why a stock number was corrected."""

    OPENING_STOCK = "OPENING_STOCK"
    """What was there when the records began."""
    RECEIVED = "RECEIVED"
    """Goods came in without a purchase order."""
    FOUND = "FOUND"
    """Units turned up."""
    COUNT_CORRECTION = "COUNT_CORRECTION"
    """A count gave another number."""
    DAMAGED = "DAMAGED"
    """Units broke and are gone."""
    LOST = "LOST"
    """Units cannot be found, or were stolen."""
    WRITE_OFF = "WRITE_OFF"
    """Units are not worth keeping."""
    SAMPLE = "SAMPLE"
    """Units were given away, photographed or tested."""
    OTHER = "OTHER"
    """Something else: say it in the note."""
