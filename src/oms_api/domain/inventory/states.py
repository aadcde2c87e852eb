"""Buckets, outside accounts and kinds of movement."""

from enum import StrEnum


class Bucket(StrEnum):
    """Where the units of a level lie: each is a column of the level, and never negative."""

    FREE = "free"
    COMMITTED = "committed"
    RESERVED = "reserved"
    QUALITY_CONTROL = "quality_control"
    DAMAGED = "damaged"


class Account(StrEnum):
    """One side of a movement: a bucket of its level, or an account outside all levels."""

    FREE = "free"
    COMMITTED = "committed"
    RESERVED = "reserved"
    QUALITY_CONTROL = "quality_control"
    DAMAGED = "damaged"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    IN_TRANSIT = "in_transit"
    ADJUSTMENT = "adjustment"


class MovementKind(StrEnum):
    """Why units moved."""

    ALLOCATE = "ALLOCATE"
    RELEASE = "RELEASE"
    SHIP = "SHIP"
    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"


class CauseKind(StrEnum):
    """The kind of document line that caused a movement."""

    ORDER_LINE = "line"
    CANCELLATION_LINE = "cancelline"
    SHIPMENT_LINE = "shipline"
    ADJUSTMENT_LINE = "adjline"


class AdjustmentReason(StrEnum):
    """Why a stock number was corrected."""

    OPENING_STOCK = "OPENING_STOCK"
    RECEIVED = "RECEIVED"
    FOUND = "FOUND"
    COUNT_CORRECTION = "COUNT_CORRECTION"
    DAMAGED = "DAMAGED"
    LOST = "LOST"
    WRITE_OFF = "WRITE_OFF"
    SAMPLE = "SAMPLE"
    OTHER = "OTHER"
