"""A shop whose orders are sourced by a profile: locations on the map, groups, zones and profiles."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.fulfillment.tables import AllocationRow
from oms_api.domain.sourcing.commands.change_profile import (
    ActivateProfile,
    CreateProfile,
    UpdateProfile,
    activate_profile,
    create_profile,
    update_profile,
)
from oms_api.domain.sourcing.commands.upsert_places import UpsertGroup, UpsertZone, upsert_group, upsert_zone
from oms_api.domain.sourcing.profile import ShipmentRate, Step
from oms_api.domain.sourcing.tables import SourcingDecisionRow, SourcingProfileRow
from oms_api.kernel.address import Address
from oms_api.kernel.ids import OrderId
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.trading import Shop

CENT = 10_000
"""Of a currency with two decimals, in millionths."""
BERLIN, HAMBURG, MUNICH, PARIS = (52.52, 13.405), (53.551, 9.994), (48.137, 11.575), (48.857, 2.352)


def at(point: tuple[float, float] | None, country: str = "DE", postal_code: str | None = None) -> Address:
    """Return an address at a *point*."""
    latitude, longitude = point or (None, None)
    return Address(country=country, postal_code=postal_code, latitude=latitude, longitude=longitude)


@dataclass
class Sourced(Shop):
    """A shop with named locations, sourced by a profile as soon as it is given one."""

    named: dict[str, LocationRow] = field(default_factory=dict)
    profile: SourcingProfileRow | None = None

    @classmethod
    async def of(cls, work: UnitOfWork, **places: Any) -> "Sourced":
        """Open a shop with locations by name, each with the point or address where it is; priority is their order."""
        given = Given(work)
        named: dict[str, LocationRow] = {}
        for name, place in places.items():
            kind = LocationKind.STORE if name.startswith("store") else LocationKind.WAREHOUSE
            kind = LocationKind.SUPPLIER if name.startswith("supplier") else kind
            made = await given.location(kind=kind)
            address = at(place) if isinstance(place, tuple) else place
            if address is not None:
                change = UpdateLocation(location_id=made.id, changes={"address": address})
                made = await work.execute(SYSTEM, update_location, change)
            named[name] = made
        locations = tuple(named.values())
        return cls(work, await given.channel(locations=locations), locations, SYSTEM, named)

    async def stock_at(self, **units: int) -> SkuRow:
        """Return a new SKU with so many units at each named location."""
        sku = await Given(self.work).sku()
        for name, count in units.items():
            await Given(self.work).adjust(sku.id, self.named[name].id, count)
        return sku

    async def group(self, *names: str, code: str | None = None) -> str:
        """Make a group of named locations, and return its code."""
        code = code or uuid4().hex
        command = UpsertGroup(code=code, location_ids=tuple(self.named[name].id for name in names))
        await self.work.execute(SYSTEM, upsert_group, command)
        return code

    async def zone(self, country: str, *prefixes: str, centre: tuple[float, float] | None = None) -> str:
        """Make a postal zone, and return its code."""
        code = uuid4().hex
        latitude, longitude = centre or (None, None)
        command = UpsertZone(code=code, country=country, prefixes=prefixes, latitude=latitude, longitude=longitude)
        await self.work.execute(SYSTEM, upsert_zone, command)
        return code

    async def sourced_by(self, *steps: Step, rates: tuple[ShipmentRate, ...] = (), **more: Any) -> SourcingProfileRow:
        """Source the orders of the channel by a new profile."""
        command = CreateProfile(code=uuid4().hex[:12], name="Profile", steps=steps, rates=rates, **more)
        profile = await self.work.execute(SYSTEM, create_profile, command)
        await self.work.execute(SYSTEM, activate_profile, ActivateProfile(profile_id=profile.id))
        change = UpdateChannel(channel_id=self.channel.id, changes={"sourcing_profile_id": profile.id})
        await self.work.execute(SYSTEM, update_channel, change)
        self.profile = profile
        return profile

    async def now_by(self, *steps: Step, **more: Any) -> None:
        """Let a new version of the shop's profile decide."""
        assert self.profile is not None
        await self.work.execute(SYSTEM, update_profile, UpdateProfile(profile_id=self.profile.id, steps=steps, **more))
        await self.work.execute(SYSTEM, activate_profile, ActivateProfile(profile_id=self.profile.id))

    async def served(self, order: OrderId) -> dict[str, int]:
        """Return how many units of an order each named location serves."""
        names = {place.id: name for name, place in self.named.items()}
        served: dict[str, int] = {}
        for row in await self.allocations(order):
            units = row.quantity - row.released
            if units:
                served[names[row.location_id]] = served.get(names[row.location_id], 0) + units
        return served

    async def allocations(self, order: OrderId) -> list[AllocationRow]:
        """Return the promises of an order."""
        table = AllocationRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.order_id == order).order_by(table.id)))

    async def decisions(self, order: OrderId) -> list[SourcingDecisionRow]:
        """Return what profiles decided on an order."""
        table = SourcingDecisionRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.order_id == order).order_by(table.id)))
