"""An order as it is decided on, before it is written."""

from collections.abc import Sequence
from dataclasses import field

from oms_api.domain.channels.states import AddressCheck, Oversell, ReleaseWhen
from oms_api.domain.inventory.sourcing import Demand, Source
from oms_api.domain.orders.addressing import AddressProblem, check_destination
from oms_api.domain.orders.given import Amount, Cart
from oms_api.domain.orders.pricing import LinePrice, OrderPrice
from oms_api.domain.orders.states import LineKind
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot
from oms_api.domain.rules.verdicts import Verdict
from oms_api.domain.sourcing.explaining import DecidedStep
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId, LocationId, OrderId, SourcingProfileVersionId
from oms_api.workflows.place_order.convert import Conversion

Item = tuple[SkuSnapshot | None, Amount]
"""The SKU of a line, None for free text, and its unit price."""


@dataclass(slots=True)
class PlannedLine:
    """A line to be written; a bundle's component names its parent and carries a share of its money.

    With `pinned_to` it is served from that location only; lines of one `ship_group` from one location.
    """

    id: LineId
    kind: LineKind
    sku: SkuSnapshot | None
    name: str
    quantity: int
    price: LinePrice
    parent: LineId | None = None
    pinned_to: LocationId | None = None
    barred: Sequence[LocationId] = ()
    ship_group: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingUnits:
    """Units of a planned line that wait for goods, and the rule that lets them."""

    units: int
    policy: Oversell


@dataclass(frozen=True, slots=True)
class ProfileDecision:
    """What a version of a profile decided on an order, step by step."""

    version_id: SourcingProfileVersionId
    steps: tuple[DecidedStep, ...]


@dataclass(frozen=True, slots=True)
class Sourcing:
    """Where the units of an order come from: from stock, from a reservation; what waits, by place of the planned line.

    `unsourced` units wait without a rule of the channel, as a profile has it; `decided` is what that profile decided.
    """

    sources: list[Source]
    conversion: Conversion | None = None
    waiting: dict[int, WaitingUnits] = field(default_factory=dict)
    unsourced: dict[int, int] = field(default_factory=dict)
    decided: ProfileDecision | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """The money of an order, and its lines as they will be written."""

    price: OrderPrice
    prices_include_tax: bool
    lines: list[PlannedLine]


@dataclass(frozen=True, slots=True)
class Demanded:
    """The goods that an order wants: `demands`, of which a reservation holds some, and `wanted` of them from stock."""

    demands: list[Demand]
    conversion: Conversion | None
    wanted: list[Demand]


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order as it will be written."""

    id: OrderId
    given: Cart
    channel: ChannelSnapshot
    price: OrderPrice
    prices_include_tax: bool
    lines: list[PlannedLine]
    sources: list[Source]
    conversion: Conversion | None = None
    waiting: dict[int, WaitingUnits] = field(default_factory=dict)
    unsourced: dict[int, int] = field(default_factory=dict)
    decided: ProfileDecision | None = None
    verdict: Verdict | None = None

    @property
    def tops(self) -> list[LineId]:
        """The lines that are no components of a bundle: one for each that was given."""
        return [line.id for line in self.lines if line.parent is None]

    @property
    def awaits_payment(self) -> bool:
        """Whether it waits for its payment, by its channel: nothing of it is worked on until then."""
        gated = self.channel.release_when is not ReleaseWhen.PLACED
        return gated and self.price.total > 0 and not self.given.on_account

    @property
    def on_hold(self) -> bool:
        """Whether it is placed on hold: nothing of it is handed over until that is released."""
        return bool(self.address_problems()) or (self.verdict is not None and bool(self.verdict.holds))

    @property
    def country(self) -> str | None:
        """Where it goes, as far as it was told."""
        address = self.given.shipping_address or self.given.billing_address
        return address.country if address else None

    def address_problems(self) -> list[AddressProblem]:
        """Return what is missing or doubtful about where its goods go, where its channel asks."""
        if self.channel.address_check is AddressCheck.OFF or not any(line.kind.ships for line in self.lines):
            return []
        return check_destination(self.given.shipping_address, self.given.delivery_point)
