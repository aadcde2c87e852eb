"""Channels, listings and locations, as clients read them."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.channels.queries import (
    channels_by_id,
    listings_by_id,
    locations_by_channel,
    locations_by_id,
    oversell_defaults,
    pages_of_listings,
    pages_of_rules,
)
from oms_api.domain.channels.states import Activity, AddressCheck, HandOver, LocationKind, ReleaseWhen
from oms_api.domain.channels.tables import ChannelRow, ListingRow, LocationRow
from oms_api.graphql.addresses import Address
from oms_api.graphql.attributes.values import Attribute, attributes
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.calendar import LocationCalendar
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, many, pages
from oms_api.graphql.declared.records import Record, column, entity
from oms_api.graphql.described import enum
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.promises.rules import OversellRule
from oms_api.graphql.scalars import CurrencyCode, TimeZone
from oms_api.graphql.sourcing.profiles import SourcingProfile
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, ListingId, LocationId

SupplierType = Annotated["Supplier", strawberry.lazy("oms_api.graphql.purchasing.suppliers")]  # type: ignore[name-defined]  # noqa: F821
enum(Activity)
enum(HandOver)
enum(AddressCheck)
enum(LocationKind)
enum(ReleaseWhen)


@entity(locations_by_id, Scope.CHANNELS_READ)
class Location(Node, Record[LocationRow]):
    """A place that holds stock."""

    id: LocationId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    kind: LocationKind
    """The kind of location."""
    status: Activity
    """ACTIVE where it is in use."""
    accepts_orders: bool
    """Whether new orders may take its units; an INACTIVE location serves no new orders even where this is true."""
    time_zone: TimeZone
    """The time zone that decides when its days begin."""
    address: Address | None
    """The address."""
    calendar: LocationCalendar
    """The working days and delivery times."""
    open_order_limit: int | None
    """When the location has this number of open fulfillment orders, sourcing profiles give it no further work. Null for no
    limit."""
    eori: str | None
    """The location's EORI number for customs, such as GB123456789000; null for the channel's number."""
    supplier: SupplierType | None = leads_to(LocationRow.supplier_id, scope=Scope.PURCHASING_READ)
    """The supplier that does the location's work: each fulfillment order there becomes a request to the supplier. Null where
    your own staff does the work."""
    answer_within_minutes: int | None
    """Minutes within which the supplier has to answer a request; after that, the request counts as rejected. Null for no
    deadline."""
    submits_requests: bool
    """Whether requests are submitted to the supplier automatically; otherwise each is submitted by
    `fulfillmentRequestSubmit`."""
    pickup_days: int | None
    """Days for which goods wait there for their customer; null where customers cannot fetch goods."""
    pickup_reminder_days: int | None
    """Days after which a customer with waiting goods is to be reminded; null for no reminder."""
    stock_valid_minutes: int | None
    """Minutes for which its reported stock is valid; afterwards the stock is stale. Null: valid for ever."""
    stock_reported_at: datetime | None = column(LocationRow.stock_told_at)
    """When its stock was last reported. Before the first report, this is the time from which reports are expected. Null where
    its stock is valid for ever."""
    stock_stale: bool
    """Whether the stock of the location is stale: nothing is promised from it until the next report."""
    attributes: list[Attribute] = attributes()
    """The values of its attributes, sorted by code."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""


@entity(listings_by_id, Scope.CHANNELS_READ)
class Listing(Node, Record[ListingRow]):
    """A channel's own code and price for a SKU."""

    id: ListingId
    code: str
    """The channel's own code, unique within the channel."""
    status: Activity
    """ACTIVE where orders may name the listing."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""

    sku: Sku | None = leads_to(ListingRow.sku_id)
    """The SKU."""
    channel: "Channel | None" = leads_to(ListingRow.channel_id)
    """The channel."""

    @field(description="The price of one unit, with up to six decimals, for orders that give no price; null for none.")
    async def price(self, info: Info) -> Money | None:
        if self.row.price is None:
            return None
        channel = await info.context.load(channels_by_id, self.row.channel_id)
        return Money.of_price(self.row.price, channel.currency) if channel else None


@entity(channels_by_id, Scope.CHANNELS_READ)
class Channel(Node, Record[ChannelRow]):
    """A source of orders, with the policies for them."""

    id: ChannelId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    status: Activity
    """ACTIVE where it takes new orders."""
    currency_code: CurrencyCode = column(ChannelRow.currency)
    """The currency of all its orders; never changed."""
    time_zone: TimeZone
    """The time zone that decides when its days begin."""
    prices_include_tax: bool
    """Whether prices contain the taxes, unless an order says otherwise."""
    sells_safety_stock: bool
    """Whether its orders may take safety stock."""
    reservation_minutes: int
    """Minutes for which a checkout holds stock."""
    complete_after_days: int | None
    """Days from shipping until an order counts as arrived; null for never."""
    hand_over: HandOver
    """The moment at which an order without goods to ship counts as handed over to the customer. The order is completed at that
    moment. Used only where `releaseWhen` is PLACED."""
    release_when: ReleaseWhen
    """When the channel's orders are released to the warehouse. At the same time, lines without goods to ship count as handed
    over to the customer. Orders on account, and orders with nothing due, are released at once."""
    pay_within_minutes: int | None
    """Minutes within which an order that waits for its payment has to be paid; null for no deadline."""
    cancel_unpaid: bool
    """Whether unpaid orders are canceled automatically after `payWithinMinutes`. They are canceled with the reason DECLINED."""
    needs_recipient: bool
    """Whether an order with goods to ship must name an address or a contact; over-the-counter sales need neither."""
    address_check: AddressCheck
    """How an order with goods to ship is treated when its shipping address is missing or doubtful."""
    cancel_shipment_within_minutes: int
    """How many minutes after its departure a shipment can still be canceled, if the carrier has not scanned it; 0 for never."""
    alert_unscanned_after_hours: int | None
    """A package raises an alert after this many hours without a carrier's scan; null for no alert. The hours are counted from
    the departure of the package or, if it has not left, from the purchase of its label."""
    alert_quiet_after_days: int | None
    """Days without a scan after which a package on its way raises an alert; null for no alert."""
    buffer: int
    """Units of each SKU subtracted from the availability published to the channel: a reserve for orders that are taken before
    the channel has the latest number."""
    eori: str | None
    """The seller's EORI number for customs, such as GB123456789000; a location's own number takes precedence."""
    ioss: str | None
    """The IOSS number, such as IM1234567890; null for none. VAT of small imports into the EU is paid under it."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""

    locations: list[Location] = many(locations_by_channel, Location)
    """The locations that serve it, by priority, highest first; 100 at most."""
    sourcing_profile: SourcingProfile | None = leads_to(ChannelRow.sourcing_profile_id)
    """The sourcing profile of its orders, used while it is active; null for sourcing by the priority of its locations."""
    listings: Connection[Listing] = pages(pages_of_listings, Listing)
    """Its listings, sorted by code."""
    oversell_rule: OversellRule | None = leads_to(ChannelRow.id, oversell_defaults, OversellRule)
    """The oversell rule for all SKUs without a rule of their own. If it is null, overselling of these SKUs is refused, as under
    DENY."""
    oversell_rules: Connection[OversellRule] = pages(pages_of_rules, OversellRule)
    """Its rules for single SKUs, in order of creation."""


fetch_location = Location.fetch
