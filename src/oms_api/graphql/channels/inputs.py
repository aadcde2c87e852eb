"""What clients send about channels, listings and locations."""

import strawberry

from oms_api.domain.channels.commands.change_channel import CreateChannel, UpdateChannel
from oms_api.domain.channels.commands.change_location import CreateLocation, UpdateLocation
from oms_api.domain.channels.commands.upsert_listing import ListingChanges, PriceGiven, UpsertListing
from oms_api.domain.channels.policies import ChannelChanges, LocationChanges
from oms_api.domain.channels.states import Activity, LocationKind
from oms_api.graphql.addresses import AddressInput
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.channels.calendar import LocationCalendarInput
from oms_api.graphql.described import input_type, one_of
from oms_api.graphql.filters import id_at
from oms_api.graphql.given import given
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CurrencyCode, TimeZone
from oms_api.kernel.ids import IdKind

POLICIES = (
    "name",
    "status",
    "time_zone",
    "prices_include_tax",
    "sells_safety_stock",
    "reservation_minutes",
    "complete_after_days",
    "buffer",
)


@one_of
class ChannelByInput:
    """What a channel is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    code: str | None = strawberry.UNSET
    """Its code."""


@one_of
class LocationByInput:
    """What a location is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    code: str | None = strawberry.UNSET
    """Its code."""


@input_type
class ChannelCreateInput:
    """A new channel."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the channel made first; kept 72 hours."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str
    """What people call it."""
    currency_code: CurrencyCode
    """The currency of all its orders; never changed."""
    time_zone: TimeZone
    """Where its days begin and end."""
    location_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    """The locations that serve it, the one to be asked first first; 100 at most."""
    prices_include_tax: bool = True
    """Whether prices contain the taxes, unless an order says otherwise."""
    sells_safety_stock: bool = False
    """Whether its orders may take safety stock."""
    reservation_minutes: int = 30
    """How long a checkout holds stock, at least 1."""
    complete_after_days: int | None = None
    """After how many days since shipping an order counts as arrived; null for never."""
    buffer: int = 0
    """How many units of each SKU it is told fewer than there are, for orders made before it was told."""

    def to_command(self) -> CreateChannel:
        """Return the command. Raises: InvalidId."""
        return CreateChannel(
            code=self.code,
            name=self.name,
            currency=self.currency_code,
            time_zone=self.time_zone,
            prices_include_tax=self.prices_include_tax,
            sells_safety_stock=self.sells_safety_stock,
            reservation_minutes=self.reservation_minutes,
            complete_after_days=self.complete_after_days,
            buffer=self.buffer,
            location_ids=tuple(
                id_at(IdKind.LOCATION, text, "locationIds", index) for index, text in enumerate(self.location_ids)
            ),
        )


@input_type
class ChannelUpdateInput:
    """What is to be different about a channel; what is left out stays as it is."""

    id: strawberry.ID
    """The channel."""
    name: str | None = strawberry.UNSET
    """What people call it."""
    status: Activity | None = strawberry.UNSET
    """Whether it takes new orders."""
    time_zone: TimeZone | None = strawberry.UNSET
    """Where its days begin and end. Reports of sales then count by the new days, also of the past."""
    location_ids: list[strawberry.ID] | None = None
    """All locations that serve it, the one to be asked first first; 100 at most."""
    prices_include_tax: bool | None = strawberry.UNSET
    """Whether prices contain the taxes, unless an order says otherwise."""
    sells_safety_stock: bool | None = strawberry.UNSET
    """Whether its orders may take safety stock."""
    reservation_minutes: int | None = strawberry.UNSET
    """How long a checkout holds stock, at least 1."""
    complete_after_days: int | None = strawberry.UNSET
    """After how many days since shipping an order counts as arrived; null for never."""
    buffer: int | None = strawberry.UNSET
    """How many units of each SKU it is told fewer than there are, for orders made before it was told."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpdateChannel:
        """Return the command. Raises: InvalidId."""
        ids = self.location_ids
        return UpdateChannel(
            channel_id=id_at(IdKind.CHANNEL, self.id, "id"),
            changes=ChannelChanges(**given(self, *POLICIES)),  # type: ignore[typeddict-item]
            location_ids=None
            if ids is None
            else tuple(id_at(IdKind.LOCATION, text, "locationIds", index) for index, text in enumerate(ids)),
            expected_version=self.expected_version,
        )


@input_type
class ChannelDeactivateInput:
    """A channel to take no more orders."""

    id: strawberry.ID
    """The channel."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpdateChannel:
        """Return the command. Raises: InvalidId."""
        return UpdateChannel(
            channel_id=id_at(IdKind.CHANNEL, self.id, "id"),
            changes=ChannelChanges(status=Activity.INACTIVE),
            expected_version=self.expected_version,
        )


@input_type
class LocationCreateInput:
    """A new location."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the location made first; kept 72 hours."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str
    """What people call it."""
    kind: LocationKind
    """What it is; never changed."""
    time_zone: TimeZone
    """Where its days begin and end."""
    address: AddressInput | None = None
    """Where it is."""
    calendar: LocationCalendarInput | None = None
    """When it works; without it from Monday to Friday."""

    def to_command(self) -> CreateLocation:
        """Return the command. Raises: InvalidValue."""
        return CreateLocation(
            code=self.code,
            name=self.name,
            kind=self.kind,
            time_zone=self.time_zone,
            address=None if self.address is None else self.address.to_address("address"),
            calendar=None if self.calendar is None else self.calendar.to_calendar(),
        )


@input_type
class LocationUpdateInput:
    """What is to be different about a location; what is left out stays as it is."""

    id: strawberry.ID
    """The location."""
    name: str | None = strawberry.UNSET
    """What people call it."""
    status: Activity | None = strawberry.UNSET
    """Whether it serves new orders."""
    time_zone: TimeZone | None = strawberry.UNSET
    """Where its days begin and end."""
    address: AddressInput | None = strawberry.UNSET
    """Where it is."""
    calendar: LocationCalendarInput | None = strawberry.UNSET
    """When it works; null for Monday to Friday."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpdateLocation:
        """Return the command. Raises: InvalidId, InvalidValue."""
        changes = LocationChanges(**given(self, "name", "status", "time_zone"))  # type: ignore[typeddict-item]
        if self.address is not strawberry.UNSET:
            changes["address"] = self.address and self.address.to_address("address")
        if self.calendar is not strawberry.UNSET:
            changes["calendar"] = self.calendar and self.calendar.to_calendar()
        location_id = id_at(IdKind.LOCATION, self.id, "id")
        return UpdateLocation(location_id=location_id, changes=changes, expected_version=self.expected_version)


@input_type
class LocationDeactivateInput:
    """A location to serve no more orders."""

    id: strawberry.ID
    """The location."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpdateLocation:
        """Return the command. Raises: InvalidId."""
        return UpdateLocation(
            location_id=id_at(IdKind.LOCATION, self.id, "id"),
            changes=LocationChanges(status=Activity.INACTIVE),
            expected_version=self.expected_version,
        )


@input_type
class ListingUpsertInput:
    """A channel's own code and price for a SKU. Of one that exists, what is left out stays as it is."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the same listing; kept 72 hours."""
    channel_id: strawberry.ID
    """The channel."""
    code: str
    """The channel's code, unique within it."""
    sku: SkuByInput | None = None
    """What is listed; needed for a new listing."""
    price: MoneyInput | None = strawberry.UNSET
    """The price of one unit, with up to six decimals; null takes it away."""
    status: Activity | None = strawberry.UNSET
    """Whether orders may name it; a new one is ACTIVE."""
    expected_version: int | None = None
    """The version the change is based on; another one is refused."""

    def to_command(self) -> UpsertListing:
        """Return the command. Raises: InvalidId."""
        changes = ListingChanges(**given(self, "status"))  # type: ignore[typeddict-item]
        if self.price is not strawberry.UNSET:
            changes["price"] = None if self.price is None else PriceGiven(self.price.amount, self.price.currency_code)
        return UpsertListing(
            channel_id=id_at(IdKind.CHANNEL, self.channel_id, "channelId"),
            code=self.code,
            sku=None if self.sku is None else self.sku.to_reference("sku"),
            changes=changes,
            expected_version=self.expected_version,
        )
