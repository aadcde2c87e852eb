"""A version of a sourcing profile: its steps and its rates. Pure.

Amounts are whole millionths of a major unit of whichever currency the channel has: 4,900,000 for 4.90.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import time
from decimal import Decimal
from typing import Any

from oms_api.domain.channels.states import LocationKind
from oms_api.domain.sourcing.states import Otherwise, SourceBy
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.money import TooManyDecimals

MOST_SHIPMENTS = 6
DECIMALS = 6


def millionths(amount: Decimal) -> int:
    """Return *amount*, in major units, as millionths of them. Raises: TooManyDecimals."""
    whole = amount.scaleb(DECIMALS)
    if whole != whole.to_integral_value():
        raise TooManyDecimals(given=str(amount), allowed=DECIMALS)
    return int(whole)


def major(amount: int) -> Decimal:
    """Return *amount* millionths in major units, without zeros at the end."""
    units, rest = divmod(amount, 10**DECIMALS)
    return Decimal(f"{units}.{rest:06}".rstrip("0").rstrip("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way to serve an order; without filters every location of the channel is a candidate.

    The step is for orders that go to *destination_countries* or *destination_zones*, where it names any. *keep_back* units of a
    SKU stay at each location. *orders_per_day* is the most fulfillment orders a location begins in a day of its own.
    """

    name: str
    by: SourceBy = SourceBy.PRIORITY
    location_groups: tuple[str, ...] = ()
    location_kinds: tuple[LocationKind, ...] = ()
    max_distance_km: int | None = None
    same_country: bool = False
    same_zone: bool = False
    destination_countries: tuple[str, ...] = ()
    destination_zones: tuple[str, ...] = ()
    keep_back: int = 0
    orders_per_day: int | None = None
    cut_off: time | None = None
    suppliers_last: bool = False
    may_split: bool = True
    most_shipments: int = 4
    serves_part: bool = False

    @property
    def shipments(self) -> int:
        """The most shipments that it may add."""
        return self.most_shipments if self.may_split else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRate:
    """The price of shipments from some locations to some zone, in millionths; without any of these from or to anywhere."""

    from_group: str | None = None
    from_location: str | None = None
    to_zone: str | None = None
    fixed: int = 0
    per_kg: int = 0
    per_unit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scarcity:
    """Below *days* of cover each unit costs more: nothing at *days*, *per_unit* millionths where nothing is left."""

    days: int
    per_unit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A version of a profile; *code* and *number* name it in reasons."""

    code: str
    number: int
    steps: tuple[Step, ...]
    rates: tuple[ShipmentRate, ...] = ()
    split_penalty: int = 0
    scarcity: Scarcity | None = None
    otherwise: Otherwise = Otherwise.REFUSE

    @property
    def asks_cover(self) -> bool:
        """Whether days of cover are to be known."""
        return self.scarcity is not None and any(step.by is SourceBy.COST for step in self.steps)

    @property
    def asks_day(self) -> bool:
        """Whether the fulfillment orders of the day are to be known."""
        return any(step.orders_per_day is not None for step in self.steps)

    @property
    def asks_weights(self) -> bool:
        """Whether the weights of SKUs are to be known."""
        return any(rate.per_kg for rate in self.rates)


def stored_step(step: Step) -> dict[str, Any]:
    """Return *step* as JSON, without what is as by default."""
    said = {each.name: getattr(step, each.name) for each in fields(Step) if getattr(step, each.name) != each.default}
    if step.cut_off is not None:
        said["cut_off"] = step.cut_off.isoformat("minutes")
    return said


def step_of(stored: Mapping[str, Any]) -> Step:
    """Return the step that was stored."""
    lists = ("location_groups", "destination_countries", "destination_zones")
    made: dict[str, Any] = {**stored, **{name: tuple(stored[name]) for name in lists if name in stored}}
    if "by" in stored:
        made["by"] = SourceBy(stored["by"])
    if "location_kinds" in stored:
        made["location_kinds"] = tuple(map(LocationKind, stored["location_kinds"]))
    if "cut_off" in stored:
        made["cut_off"] = time.fromisoformat(stored["cut_off"])
    return Step(**made)


def stored_rate(rate: ShipmentRate) -> dict[str, Any]:
    """Return *rate* as JSON."""
    return asdict(rate)


def rate_of(stored: Mapping[str, Any]) -> ShipmentRate:
    """Return the rate that was stored."""
    return ShipmentRate(**stored)


def scarcity_of(stored: Mapping[str, Any] | None) -> Scarcity | None:
    """Return what was stored of scarcity, if anything."""
    return None if stored is None else Scarcity(**stored)
