"""The port of carriers. Adapters implement it: none is called inside a transaction, and each under a deadline."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from oms_api.domain.parcels.states import TrackingStatus
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import CarrierAccountId
from oms_api.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that an account has to say, or may say where it is not *needed*."""

    name: str
    description: str
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRate:
    """The price of *service* for a parcel up to *up_to_g*: from a zone and to a zone or a country; None is any."""

    service: str
    name: str
    up_to_g: int
    price: Money
    from_zone: str | None = None
    to_zone: str | None = None
    to_country: str | None = None
    days: int | None = None


class ParcelRates(Protocol):
    """The prices of an account's own table."""

    def serving(self, sender: Address, recipient: Address) -> Sequence[ParcelRate]:
        """Return the rates that fit both ends, whatever the weight."""

    def best(self, sender: Address, recipient: Address, weight_g: int) -> Mapping[str, ParcelRate]:
        """Return the rate of each service that takes a parcel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An account as its carrier takes it."""

    account_id: CarrierAccountId
    rates: ParcelRates = field(repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsLine:
    """Goods in a parcel that crosses a border: *weight_g* of all units, the *value* of one, *origin* its country."""

    name: str
    sku: str
    quantity: int
    weight_g: int
    value: Money
    hs_code: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel for a carrier: weight in g, sides in mm where they are known, from a sender to a recipient.

    *customs* holds what is in it, where it crosses a border; *reference* what people know it by, as the order's number;
    *template* is how its label looks where we print it, None for the built-in template.
    """

    sender: Address
    recipient: Address
    weight_g: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    signature: bool = False
    insured: Money | None = None
    pickup_point: str | None = None
    customs: Sequence[CustomsLine] = ()
    reference: str = ""
    box: str | None = None
    part: int = 1
    parts: int = 1
    is_return: bool = False
    template: str | None = None

    @property
    def crosses_border(self) -> bool:
        """Whether it goes to another country."""
        return self.sender.country != self.recipient.country


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A label to buy: the *reference* is ours and of this label alone, so that what was bought by it can be found again."""

    reference: str
    service: str
    parcel: Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of a carrier for a parcel by one of its services; *days* on its way where it names them."""

    service: str
    name: str
    price: Money
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtLabel:
    """A label that was bought; *carrier_ref* is what the carrier knows it by where it is voided."""

    tracking_number: str
    price: Money | None
    carrier_ref: str
    tracking_url: str | None = None
    pdf: bytes | None = field(default=None, repr=False)
    png: bytes | None = field(default=None, repr=False)
    zpl: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A carrier's report on a parcel; *code* is its own word for it, *scan_ref* its own id of it where it gives one."""

    status: TrackingStatus
    occurred_at: datetime
    code: str = ""
    scan_ref: str | None = None
    message: str | None = None
    place: str | None = None


class Carrier(Protocol):
    """A carrier, whatever the account.

    Every call may raise CarrierRefused, with the carrier's own words, and CarrierUnreadable; an adapter that waits may raise
    CarrierTimedOut. Anything else that it raises counts as an answer that cannot be read.
    """

    title: str
    """Its name, as people know it."""
    credentials: Sequence[Setting]
    """What an account has to prove itself with."""
    settings: Sequence[Setting]
    """The settings of an account besides its credentials."""
    finds: bool
    """Whether it can be asked what was bought by a reference of ours."""
    tracks: bool
    """Whether it can be asked where a parcel is."""

    async def rates(self, access: Access, parcel: Parcel) -> Sequence[Quote]:
        """Return what each of its services asks for *parcel*."""

    async def buy(self, access: Access, purchase: Purchase) -> BoughtLabel:
        """Buy a label."""

    async def find(self, access: Access, reference: str) -> BoughtLabel | None:
        """Return what was bought by a reference of ours, if anything was; only where it *finds*."""

    async def void(self, access: Access, carrier_ref: str) -> None:
        """Give a label back; one that was given back before is given back."""

    async def track(self, access: Access, tracking_number: str) -> Sequence[Scan]:
        """Return what is known of a parcel; only where it *tracks*."""

    def events_in(self, body: object) -> Sequence[object]:
        """Return the events in the JSON *body* of a webhook, each as an object such as ours has. Raises: InvalidValue."""


class EventsInOurForm:
    """A carrier whose webhooks have our form: ``{"events": [{"trackingNumber": ..., "status": ..., "occurredAt": ...}]}``."""

    def events_in(self, body: object) -> Sequence[object]:
        """Return the events. Raises: InvalidValue."""
        events = body.get("events") if isinstance(body, Mapping) else None
        if not isinstance(events, list):
            raise InvalidValue(problem='The body is an object with a list of events: {"events": [...]}.', field=("events",))
        return events


Carriers = Mapping[str, Carrier]
"""The carriers that this process knows, by their codes."""


@dataclass(eq=False)
class CarrierRefused(OmsError):
    """The carrier refused: {carrier_message} ({carrier_code}).

    The carrier refused; the message holds the carrier's own words. `field` is the path of the parcel's data that the carrier
    does not accept, if the carrier named any.
    """

    code = "CARRIER_REFUSED"
    carrier_code: str
    carrier_message: str


@dataclass(eq=False)
class CarrierTimedOut(OmsError):
    """The carrier did not answer within {seconds} seconds: try again.

    The carrier did not answer in time: try again.
    """

    code = "CARRIER_TIMED_OUT"
    seconds: int


@dataclass(eq=False)
class CarrierUnreadable(OmsError):
    """The carrier's answer cannot be read."""

    code = "CARRIER_UNREADABLE"
