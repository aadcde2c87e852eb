"""Inputs about channels, listings and locations."""

import strawberry

from oms_api.domain.channels.commands.change_channel import CreateChannel, UpdateChannel
from oms_api.domain.channels.commands.change_location import CreateLocation, UpdateLocation
from oms_api.domain.channels.commands.upsert_listing import PriceGiven, UpsertListing
from oms_api.domain.channels.commands.upsert_listings import KeyedListing, UpsertListings
from oms_api.domain.channels.policies import ChannelChanges, LocationChanges
from oms_api.domain.channels.states import Activity, AddressCheck, HandOver, LocationKind, ReleaseWhen
from oms_api.graphql.addresses import AddressInput
from oms_api.graphql.attributes.values import AttributeInput
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.channels.calendar import LocationCalendarInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CurrencyCode, TimeZone
from oms_api.kernel.ids import ChannelId, LocationId, SourcingProfileId, SupplierId


@input_type
class ChannelCreateInput(Input[CreateChannel]):
    """A channel to create."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the channel that the first call created."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str
    """The name shown to people."""
    currency_code: CurrencyCode = becomes("currency")
    """The currency of all its orders; never changed."""
    time_zone: TimeZone
    """The time zone that decides when its days begin."""
    location_ids: list[LocationId] = strawberry.field(default_factory=list)
    """The locations that serve it, by priority, highest first; 100 at most."""
    prices_include_tax: bool = True
    """Whether prices contain the taxes, unless an order says otherwise."""
    sells_safety_stock: bool = False
    """Whether its orders may take safety stock."""
    reservation_minutes: int = 30
    """Minutes for which a checkout holds stock, at least 1."""
    complete_after_days: int | None = None
    """Days from shipping until an order counts as arrived; null for never."""
    hand_over: HandOver = HandOver.PAYMENT
    """The moment at which an order without goods to ship counts as handed over to the customer. The order is completed at that
    moment. Used only where `releaseWhen` is PLACED."""
    release_when: ReleaseWhen = ReleaseWhen.PLACED
    """When the channel's orders are released to the warehouse. At the same time, lines without goods to ship count as handed
    over to the customer. Orders on account, and orders with nothing due, are released at once."""
    pay_within_minutes: int | None = None
    """Minutes within which an order that waits for its payment has to be paid; null for no deadline."""
    cancel_unpaid: bool = False
    """Whether unpaid orders are canceled automatically after `payWithinMinutes`. They are canceled with the reason DECLINED."""
    needs_recipient: bool = True
    """Whether an order with goods to ship must name an address or a contact; over-the-counter sales need neither."""
    address_check: AddressCheck = AddressCheck.HOLD
    """How an order with goods to ship is treated when its shipping address is missing or doubtful; OFF suits pickup."""
    cancel_shipment_within_minutes: int = 1440
    """How many minutes after its departure a shipment can still be canceled, if the carrier has not scanned it; 0 for never."""
    alert_unscanned_after_hours: int | None = 24
    """A package raises an alert after this many hours without a carrier's scan, 1 to 720; null for no alert. The hours are
    counted from the departure of the package or, if it has not left, from the purchase of its label."""
    alert_quiet_after_days: int | None = 3
    """Days without a scan after which a package on its way raises an alert, 1 to 90; null for no alert."""
    buffer: int = 0
    """Units of each SKU subtracted from the availability published to the channel: a reserve for orders that are taken before
    the channel has the latest number."""
    sourcing_profile_id: SourcingProfileId | None = None
    """The sourcing profile of its orders, used while it is active; null for sourcing by the priority of its locations."""
    eori: str | None = None
    """The seller's EORI number for customs, such as GB123456789000; a location's own number takes precedence."""
    ioss: str | None = None
    """The IOSS number, such as IM1234567890; null for none. VAT of small imports into the EU is paid under it."""


@input_type
class ChannelUpdateInput(Input[UpdateChannel], changes=ChannelCreateInput):
    """Changes of a channel; fields left out stay as they are."""

    id: ChannelId = becomes("channel_id")
    """The channel."""
    status: Activity | None = strawberry.UNSET
    """ACTIVE where the channel takes new orders."""
    time_zone: TimeZone | None = strawberry.UNSET
    """The time zone that decides when its days begin. After a change, sales reports use the new days for the past too."""
    location_ids: list[LocationId] | None = None
    """All locations that serve it, by priority, highest first; 100 at most."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class ChannelDeactivateInput(Input[UpdateChannel]):
    """The channel to deactivate."""

    id: ChannelId
    """The channel."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""

    def to_command(self) -> UpdateChannel:
        """Return the command."""
        return UpdateChannel(
            channel_id=self.id,
            changes=ChannelChanges(status=Activity.INACTIVE),
            expected_version=self.expected_version,
        )


@input_type
class LocationCreateInput(Input[CreateLocation]):
    """A location to create."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the location that the first call
    created."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str
    """The name shown to people."""
    kind: LocationKind
    """Its kind; never changed."""
    time_zone: TimeZone
    """The time zone that decides when its days begin."""
    address: AddressInput | None = becomes(by=AddressInput.to_address, default=None)
    """The address."""
    calendar: LocationCalendarInput | None = becomes(by=LocationCalendarInput.to_calendar, default=None)
    """The working days and delivery times; null for Monday to Friday."""
    accepts_orders: bool = True
    """Whether units may be promised from it."""
    open_order_limit: int | None = None
    """When the location has this number of open fulfillment orders, sourcing profiles give it no further work. Null for no
    limit."""
    eori: str | None = None
    """The location's EORI number for customs, such as GB123456789000; null for the channel's number."""
    supplier_id: SupplierId | None = None
    """The supplier that does the location's work: each fulfillment order there becomes a request to the supplier. Null where
    your own staff does the work."""
    answer_within_minutes: int | None = None
    """Minutes within which the supplier has to answer a request; after that, the request counts as rejected. Null for no
    deadline."""
    submits_requests: bool = True
    """Whether requests are submitted to the supplier automatically; otherwise each is submitted by
    `fulfillmentRequestSubmit`."""
    pickup_days: int | None = None
    """Days for which goods wait there for their customer, 1 to 365; null where customers cannot fetch goods."""
    pickup_reminder_days: int | None = None
    """Days after which a customer with waiting goods is to be reminded, at most `pickupDays`; null for no reminder."""
    stock_valid_minutes: int | None = None
    """Minutes for which its reported stock is valid; afterwards nothing is promised from the location until the next report.
    Null: valid for ever."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes that are defined for LOCATION."""


@input_type
class LocationUpdateInput(Input[UpdateLocation], changes=LocationCreateInput):
    """Changes of a location; fields left out stay as they are."""

    id: LocationId = becomes("location_id")
    """The location."""
    status: Activity | None = strawberry.UNSET
    """ACTIVE where the location is in use. An INACTIVE location serves no new orders, even where `acceptsOrders` is true."""
    accepts_orders: bool | None = strawberry.UNSET
    """Whether units may be promised from it. Once it is false, work that the location has not begun is sourced from other
    locations, as far as they have the units."""
    stock_valid_minutes: int | None = strawberry.UNSET
    """Minutes for which its reported stock is valid, counted from this change on; afterwards nothing is promised from the
    location until the next report. Null: valid for ever."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes that are defined for LOCATION. Attributes that are not named stay as they are."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class LocationDeactivateInput(Input[UpdateLocation]):
    """The location to deactivate."""

    id: LocationId
    """The location."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""

    def to_command(self) -> UpdateLocation:
        """Return the command."""
        return UpdateLocation(
            location_id=self.id,
            changes=LocationChanges(status=Activity.INACTIVE),
            expected_version=self.expected_version,
        )


def _price(given: MoneyInput) -> PriceGiven:
    return PriceGiven(given.amount, given.currency_code)


@input_type
class ListingUpsertInput(Input[UpsertListing]):
    """A channel's own code and price for a SKU. If the listing exists, fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same listing."""
    channel_id: ChannelId
    """The channel."""
    code: str
    """The channel's own code, unique within the channel."""
    sku: SkuByInput | None = becomes(by=SkuByInput.to_reference, default=None)
    """The SKU; required for a new listing."""
    price: MoneyInput | None = becomes(by=_price, default=strawberry.UNSET)
    """The price of one unit, with up to six decimals; null removes it."""
    status: Activity | None = strawberry.UNSET
    """ACTIVE where orders may name the listing; ACTIVE by default for a new listing."""
    expected_version: int | None = None
    """The version that the change is based on; any other is refused."""


@input_type
class ListingsUpsertInput:
    """A batch of listings. Each listing has its own idempotency key, so the batch can be sent again."""

    listings: list[ListingUpsertInput]
    """At most 1,000 listings. No code may appear twice for a channel."""

    def to_command(self) -> UpsertListings:
        """Return the batch."""
        keyed = (KeyedListing(idempotency_key=each.idempotency_key, listing=each.to_command()) for each in self.listings)
        return UpsertListings(tuple(keyed))
