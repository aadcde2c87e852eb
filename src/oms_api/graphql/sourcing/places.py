"""Groups of locations and postal zones, as clients read them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self

from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.sourcing.queries import groups_by_id, zones_by_id
from oms_api.domain.sourcing.tables import LocationGroupRow, PostalZoneRow
from oms_api.graphql.addresses import degrees
from oms_api.graphql.channels.types import Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import output
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationGroupId, PostalZoneId


@entity(groups_by_id, Scope.CHANNELS_READ)
class LocationGroup(Node, Record[LocationGroupRow]):
    """Locations that sourcing profiles name together."""

    id: LocationGroupId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""

    @field(description="Its locations, as far as the API key sees them; 1,000 at most.")
    async def locations(self, info: Info) -> list[Location]:
        found = [await info.context.load(locations_by_id, each) for each in self.row.location_ids]
        return [Location.of(each) for each in found if each is not None]


@output
class PostalCodeRange:
    """A range of postal codes, both ends included.

    Only the first characters of a postal code are compared, as many as `high` has.
    """

    low: str
    """The first postal code of the range."""
    high: str
    """The last postal code of the range."""

    @classmethod
    def of_all(cls, stored: Sequence[Sequence[str]]) -> list[Self]:
        """Describe ranges."""
        return [cls(low=low, high=high) for low, high in stored]


@entity(zones_by_id, Scope.CHANNELS_READ)
class PostalZone(Node, Record[PostalZoneRow]):
    """A part of a country, by postal codes. Without prefixes and ranges it is the whole country."""

    id: PostalZoneId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    country: CountryCode
    """The country."""
    prefixes: list[str]
    """Postal codes of the zone begin with one of these prefixes. Blanks, dashes and case are ignored."""
    ranges: list[PostalCodeRange] = made(PostalCodeRange.of_all, PostalZoneRow.ranges)
    """Postal codes of the zone lie in one of these ranges."""
    latitude: Decimal | None = made(degrees, PostalZoneRow.latitude)
    """The latitude of the zone's center, in degrees; null where none is given. Addresses without coordinates count as lying at
    the center."""
    longitude: Decimal | None = made(degrees, PostalZoneRow.longitude)
    """The longitude of the zone's center, in degrees; null where none is given."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""
