"""The cost of units from a location, by the rates of a profile, in millionths of a major unit. Pure."""

from collections.abc import Mapping
from dataclasses import field
from functools import cache

from oms_api.domain.sourcing.places import PlaceFacts, Spot
from oms_api.domain.sourcing.profile import DECIMALS, Profile, Scarcity, ShipmentRate
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId
from oms_api.kernel.money import exponent

MILLI, GRAMS_IN_KG = 1000, 1000
LevelKey = tuple[SkuId, LocationId]
UnitCost = tuple[int, int, int]
"""What a unit costs beside the shipment: by its weight, handled, and for scarcity."""


@dataclass(frozen=True, slots=True)
class GoodsFacts:
    """The facts of goods: grams a unit by SKU, and thousandths of units sold a day by level."""

    grams: Mapping[SkuId, int] = field(default_factory=dict)
    daily: Mapping[LevelKey, int] = field(default_factory=dict)


TERMS = ("shipment", "weight", "handling", "scarcity", "split")


@dataclass(slots=True)
class Parts:
    """The cost of some units from one location, part by part."""

    shipment: int = 0
    weight: int = 0
    handling: int = 0
    scarcity: int = 0
    split: int = 0

    @property
    def total(self) -> int:
        """The sum of all parts."""
        return self.shipment + self.weight + self.handling + self.scarcity + self.split

    def terms(self) -> list[tuple[str, int]]:
        """Return the parts that are not zero, by name."""
        amounts = (self.shipment, self.weight, self.handling, self.scarcity, self.split)
        return [term for term in zip(TERMS, amounts, strict=True) if term[1]]


def rate_for(profile: Profile, place: PlaceFacts, destination: Spot) -> ShipmentRate | None:
    """Return the first rate that fits, None where none does."""
    for rate in profile.rates:
        if (
            (rate.from_location is None or rate.from_location == place.code)
            and (rate.from_group is None or rate.from_group in place.groups)
            and (rate.to_zone is None or rate.to_zone in destination.zones)
        ):
            return rate
    return None


def scarce(rule: Scarcity, daily: int, stock: int) -> int:
    """Return what a unit costs more where *stock* units lie and *daily* thousandths are sold a day."""
    if daily <= 0:
        return 0
    enough = rule.days * daily
    return rule.per_unit * max(enough - max(stock, 0) * MILLI, 0) // enough


def unit_cost(scarcity: Scarcity | None, rate: ShipmentRate, grams: int, daily: int, stock: int) -> UnitCost:
    """Return what one unit of a SKU costs at a location that has *stock* of it and sells *daily*, beside the shipment."""
    more = 0 if scarcity is None else scarce(scarcity, daily, stock)
    return rate.per_kg * grams // GRAMS_IN_KG, rate.per_unit, more


def minor(millionths: int, currency: str) -> int:
    """Return an amount in minor units of *currency*, halves up."""
    one = _one(currency)
    return (millionths + one // 2) // one


@cache
def _one(currency: str) -> int:
    """Return how many millionths a minor unit of *currency* is."""
    one: int = 10 ** (DECIMALS - exponent(currency))
    return one
