"""Addresses and contacts in the schema."""

from decimal import Decimal
from typing import Any

from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.described import input_type, output
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.address import Address as KernelAddress
from oms_api.kernel.address import Contact as KernelContact
from oms_api.kernel.address import DeliveryPoint as KernelDeliveryPoint
from oms_api.kernel.errors import OmsError


def degrees(stored: float | None) -> Decimal | None:
    """Return a coordinate as it is told."""
    return None if stored is None else Decimal(str(stored))


def as_float(given: Decimal | None) -> float | None:
    """Return a coordinate as it is kept."""
    return None if given is None else float(given)


@output
class Address:
    """An address to which a parcel or an invoice goes."""

    name: str | None = None
    """The name of the person."""
    company: str | None = None
    """The company."""
    line1: str | None = None
    """Street and number."""
    line2: str | None = None
    """Flat, floor, building."""
    city: str | None = None
    """The town."""
    region: str | None = None
    """State, county or province."""
    postal_code: str | None = None
    """The postal code."""
    country: CountryCode
    """The country."""
    phone: str | None = None
    """A phone number for the driver."""
    latitude: Decimal | None = None
    """In degrees, north positive; null where it was not given."""
    longitude: Decimal | None = None
    """In degrees, east positive; null where it was not given."""

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> "Address | None":
        """Return a stored address."""
        if not stored:
            return None
        point = {name: degrees(stored.get(name)) for name in ("latitude", "longitude")}
        return cls(**{**stored, **point})


@output
class Contact:
    """The person to ask about an order."""

    name: str | None = None
    """The name."""
    email: str | None = None
    """The e-mail address."""
    phone: str | None = None
    """The telephone number."""

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> "Contact | None":
        """Return a stored contact."""
        return cls(**stored) if stored else None


@output
class DeliveryPoint:
    """A pickup point or locker of a carrier, where the customer fetches the parcel."""

    code: str
    """The carrier's code of the point."""
    carrier: str | None = None
    """The carrier."""
    name: str | None = None
    """Its name, as shown to the customer."""

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> "DeliveryPoint | None":
        """Return a stored delivery point."""
        return cls(**stored) if stored else None


@input_type
class DeliveryPointInput(Input[KernelDeliveryPoint]):
    """A pickup point or locker of a carrier, where the customer fetches the parcel."""

    code: str
    """The carrier's code of the point."""
    carrier: str | None = None
    """The carrier."""
    name: str | None = None
    """Its name, as shown to the customer."""


@input_type
class AddressInput:
    """An address to which a parcel or an invoice goes."""

    name: str | None = None
    """The name of the person."""
    company: str | None = None
    """The company."""
    line1: str | None = None
    """Street and number."""
    line2: str | None = None
    """Flat, floor, building."""
    city: str | None = None
    """The town."""
    region: str | None = None
    """State, county or province."""
    postal_code: str | None = None
    """The postal code."""
    country: CountryCode
    """The country."""
    phone: str | None = None
    """A phone number for the driver."""
    latitude: Decimal | None = None
    """In degrees, north positive. Latitude and longitude together give the distance to locations."""
    longitude: Decimal | None = None
    """In degrees, east positive."""

    def to_address(self, *path: str | int) -> KernelAddress:
        """Return the address. Raises: InvalidValue."""
        try:
            point = {name: as_float(getattr(self, name)) for name in ("latitude", "longitude")}
            return KernelAddress(**{**vars(self), **point})
        except OmsError as error:
            raise error.at(*path) from None


@input_type
class ContactInput:
    """The person to ask about an order."""

    name: str | None = None
    """The name."""
    email: str | None = None
    """The e-mail address."""
    phone: str | None = None
    """The telephone number."""

    def to_contact(self) -> KernelContact:
        """Return the contact."""
        return KernelContact(**vars(self))
