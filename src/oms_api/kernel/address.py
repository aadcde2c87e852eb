"""A postal address and a contact, as snapshots on the documents that use them."""

import re

from babel import Locale

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue

NOT_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
COUNTRIES = {str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))} - NOT_COUNTRIES


MOST_LATITUDE, MOST_LONGITUDE = 90, 180


def check_point(latitude: float | None, longitude: float | None) -> None:
    """Raises: InvalidValue, for coordinates that are no point on earth, or half of one."""
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        raise InvalidValue(problem="A point has a latitude and a longitude.", field=(missing,))
    if latitude is not None and not -MOST_LATITUDE <= latitude <= MOST_LATITUDE:
        raise InvalidValue(problem=f"latitude is between -{MOST_LATITUDE} and {MOST_LATITUDE}.", field=("latitude",))
    if longitude is not None and not -MOST_LONGITUDE <= longitude <= MOST_LONGITUDE:
        raise InvalidValue(problem=f"longitude is between -{MOST_LONGITUDE} and {MOST_LONGITUDE}.", field=("longitude",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel or an invoice goes. `country` is ISO 3166-1 alpha-2; `region` the state, county or province.

    `latitude` and `longitude` are degrees, if they are known.
    """

    name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    def __post_init__(self) -> None:
        """Raises: InvalidValue, for an unknown country, or for coordinates that are none."""
        if self.country not in COUNTRIES:
            raise InvalidValue(
                problem=f"'{self.country}' is not a country code of ISO 3166-1 alpha-2, such as GB.", field=("country",)
            )
        check_point(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPoint:
    """Where the customer fetches the parcel: a pickup point or locker of a carrier, by its `code` there."""

    code: str
    carrier: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask about an order. Every part may be missing, as for a sale over the counter."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
