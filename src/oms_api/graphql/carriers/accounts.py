"""Carriers, accounts with them, rates and shipping services, as clients read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from oms_api.domain.carriers.queries import accounts_by_id, pages_of_rates, services_by_id
from oms_api.domain.carriers.tables import CarrierAccountRow, CarrierRateRow, ShippingServiceRow
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.parcels.port import Carrier as CarrierPort
from oms_api.domain.parcels.port import Setting
from oms_api.graphql.channels.types import Channel, Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.records import Record, entity, made, money
from oms_api.graphql.described import output
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import CountryCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CarrierAccountId, CarrierRateId, ChannelId, LocationId, ShippingServiceId


@output
class CarrierSetting:
    """A credential or another setting of an account with a carrier."""

    name: str
    """Its name."""
    description: str
    """Its purpose."""
    required: bool
    """Whether every account must have it."""

    @classmethod
    def of_all(cls, settings: Sequence[Setting]) -> list[Self]:
        """Describe settings."""
        return [cls(name=each.name, description=each.description, required=each.needed) for each in settings]


@output
class Carrier:
    """A carrier of this installation."""

    code: str
    """The code by which an account names the carrier."""
    name: str
    """The name shown to people."""
    credentials: list[CarrierSetting]
    """The credentials that an account needs; their values are never shown again."""
    settings: list[CarrierSetting]
    """The settings of an account besides its credentials."""
    tracks: bool
    """Whether the server asks the carrier where parcels are; otherwise tracking events have to be reported."""
    finds_labels: bool
    """Whether the server asks the carrier again when the purchase of a label got no clear answer; otherwise people resolve the
    label with `labelResolve`."""

    @classmethod
    def of(cls, code: str, carrier: CarrierPort) -> Self:
        """Describe a carrier."""
        return cls(
            code=code,
            name=carrier.title,
            credentials=CarrierSetting.of_all(carrier.credentials),
            settings=CarrierSetting.of_all(carrier.settings),
            tracks=carrier.tracks,
            finds_labels=carrier.finds,
        )


@output
class NamedValue:
    """A value with its name."""

    name: str
    """The name."""
    value: str
    """The value."""

    @classmethod
    def of_all(cls, stored: dict[str, str]) -> list[Self]:
        """Describe what is stored."""
        return [cls(name=name, value=value) for name, value in sorted(stored.items())]


@output
class CarrierRate(Record[CarrierRateRow]):
    """A price in an account's own table.

    If several rates of a service fit a parcel, one with a `toZone` is preferred. Next comes one with a `toCountry`, then one
    with a `fromZone`. Of rates that are alike in these, the one with the lowest `upToG` is used.
    """

    id: CarrierRateId
    """The id."""
    service: str
    """The code of the service."""
    name: str
    """The name of the service, shown to people."""
    from_zone: str | None
    """The sender's postal zone, by its code; null for anywhere."""
    to_zone: str | None
    """The recipient's postal zone, by its code; null for anywhere."""
    to_country: CountryCode | None
    """The recipient's country; null for anywhere."""
    up_to_g: int
    """For parcels up to this weight in grams."""
    price: Money = money(CarrierRateRow.price_minor, CarrierRateRow.currency)
    """The price of a parcel."""
    days: int | None
    """Days on the way; null where they are not known."""


@entity(accounts_by_id, Scope.SHIPPING_READ)
class CarrierAccount(Node, Record[CarrierAccountRow]):
    """An account with a carrier."""

    id: CarrierAccountId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    carrier: str
    """The code of the carrier."""
    name: str
    """The name shown to people."""
    status: Activity
    """ACTIVE where labels can be bought through the account."""
    credential_names: list[str]
    """The names of the credentials that are set; their values are never shown."""
    settings: list[NamedValue] = made(NamedValue.of_all, CarrierAccountRow.settings)
    """The settings besides the credentials."""
    rates: Connection[CarrierRate] = pages(pages_of_rates, CarrierRate)
    """The account's own table of prices, for a carrier that quotes no prices."""
    webhook_secret_rotated_at: datetime | None
    """When the secret of its webhooks was last made; null for an account without webhooks."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""

    @field(description="The locations that the account serves, as far as the API key sees them; null for all.")
    async def locations(self, info: Info) -> list[Location] | None:
        if self.row.location_ids is None:
            return None
        found = [await info.context.load(locations_by_id, LocationId(each)) for each in self.row.location_ids]
        return [Location.of(each) for each in found if each is not None]


@entity(services_by_id, Scope.SHIPPING_READ)
class ShippingService(Node, Record[ShippingServiceRow]):
    """How orders with the service's shipping code are shipped: a carrier account, the carrier's service, a box and options."""

    id: ShippingServiceId
    code: str
    """The shipping code of orders: the `code` of their shipping charges, or the code that a rule has set."""
    channel_id: ChannelId | None
    """The id of the only channel that uses the service. Null: it is used by every channel that has no service of its own
    with the same code."""
    name: str
    """The name shown to people."""
    service: str
    """The code of the carrier's service."""
    box: str | None
    """The code of the box to pack into; null for any."""
    signature: bool
    """Whether the recipient must sign."""
    insured: bool
    """Whether parcels are insured for the price of the goods."""
    pickup_point: bool
    """Whether parcels go to the pickup point that the order names as its `deliveryPoint`."""
    status: Activity
    """ACTIVE where the service is used."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""
    channel: Channel | None = leads_to(ShippingServiceRow.channel_id)
    """The only channel that uses the service. Null: it is used by every channel that has no service of its own with the same
    code."""
    account: CarrierAccount = leads_to(ShippingServiceRow.account_id)
    """The account through which labels are bought."""
