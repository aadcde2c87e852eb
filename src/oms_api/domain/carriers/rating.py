"""The price of a parcel by a table of rates, by zone and weight. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import field

from oms_api.domain.parcels.port import ParcelRate
from oms_api.domain.sourcing.places import Map
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of an account, and the postal zones they name."""

    rates: Sequence[ParcelRate] = ()
    map: Map = field(default_factory=Map)

    def serving(self, sender: Address, recipient: Address) -> list[ParcelRate]:
        """Return the rates that fit both ends, whatever the weight."""
        start = self.map.spot(sender.country, sender.postal_code, None).zones
        end = self.map.spot(recipient.country, recipient.postal_code, None).zones
        return [
            rate
            for rate in self.rates
            if (rate.from_zone is None or rate.from_zone in start)
            and (rate.to_zone is None or rate.to_zone in end)
            and (rate.to_country is None or rate.to_country == recipient.country)
        ]

    def best(self, sender: Address, recipient: Address, weight_g: int) -> dict[str, ParcelRate]:
        """Return what a parcel costs by each service that takes it: by the closest place, then by the least weight."""
        return closest(rate for rate in self.serving(sender, recipient) if weight_g <= rate.up_to_g)


def closest(rates: Iterable[ParcelRate]) -> dict[str, ParcelRate]:
    """Return the rate of each service that says most of where from and where to, of those the lightest, then the cheapest."""

    def rank(rate: ParcelRate) -> tuple[int, int, int]:
        said = 4 * (rate.to_zone is not None) + 2 * (rate.to_country is not None) + (rate.from_zone is not None)
        return -said, rate.up_to_g, rate.price.minor

    found: dict[str, ParcelRate] = {}
    for rate in sorted(rates, key=rank):
        found.setdefault(rate.service, rate)
    return found
