"""The kinds of attributes, and the kinds of records that have them."""

from enum import StrEnum


class AttributeOwner(StrEnum):
    """A kind of record that has attributes."""

    ORDER = "ORDER"
    """Orders."""
    LINE = "LINE"
    """Lines of orders."""
    SKU = "SKU"
    """SKUs."""
    CUSTOMER = "CUSTOMER"
    """Customers."""
    LOCATION = "LOCATION"
    """Locations."""


class AttributeType(StrEnum):
    """The type of an attribute's values."""

    TEXT = "TEXT"
    """A text of up to 255 characters."""
    NUMBER = "NUMBER"
    """A decimal number with up to 12 digits before the point and 6 behind it: "2.5"."""
    BOOLEAN = "BOOLEAN"
    """Either "true" or "false"."""
    DATE = "DATE"
    """A day: "2026-11-29"."""
    CHOICE = "CHOICE"
    """One of the choices of the attribute."""
