"""Given records: made through the domain's own commands, each with a code of its own unless the test names one."""

from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import cast
from uuid import uuid4

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.upsert_skus import upsert_sku
from oms_api.domain.catalog.given import ComponentGiven, CostGiven, SkuChanges, UpsertSku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import CreateChannel
from oms_api.domain.channels.commands.change_location import CreateLocation, create_location
from oms_api.domain.channels.commands.upsert_listing import ListingChanges, PriceGiven, UpsertListing, upsert_listing
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.channels.tables import ChannelRow, ListingRow, LocationRow
from oms_api.domain.customers.commands.upsert_customer import CustomerChanges, UpsertCustomer, upsert_customer
from oms_api.domain.customers.tables import CustomerRow
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.queries import level_of
from oms_api.domain.inventory.states import AdjustmentReason
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.kernel.access import Principal, system_principal
from oms_api.kernel.ids import LocationId, SkuId
from oms_api.workflows.open_channel import open_channel

SYSTEM = system_principal("tests")
numbers = count(1)


class Given:
    """Makes records for tests. Codes never repeat within a run, so that tests may share a database."""

    def __init__(self, work: UnitOfWork, principal: Principal = SYSTEM) -> None:
        self.work = work
        self.principal = principal

    @staticmethod
    def code(what: str) -> str:
        """Return a code that nothing else has."""
        return f"{what}-{next(numbers)}-{uuid4().hex[:6]}"

    async def location(
        self,
        code: str | None = None,
        *,
        kind: LocationKind = LocationKind.WAREHOUSE,
        time_zone: str = "Europe/London",
    ) -> LocationRow:
        """Make a location."""
        code = code or self.code("LOC")
        command = CreateLocation(code=code, name=f"Location {code}", kind=kind, time_zone=time_zone)
        return await self.work.execute(self.principal, create_location, command)

    async def channel(
        self,
        code: str | None = None,
        *,
        locations: tuple[LocationRow, ...] | None = None,
        currency: str = "GBP",
        prices_include_tax: bool = True,
        time_zone: str = "Europe/London",
        needs_recipient: bool = False,
    ) -> ChannelRow:
        """Make a channel that is served by *locations*, by default a new one."""
        code = code or self.code("CH")
        serving = (await self.location(),) if locations is None else locations
        command = CreateChannel(
            code=code,
            name=f"Channel {code}",
            currency=currency,
            time_zone=time_zone,
            prices_include_tax=prices_include_tax,
            needs_recipient=needs_recipient,
            location_ids=tuple(location.id for location in serving),
        )
        return await self.work.execute(self.principal, open_channel, command)

    async def sku(
        self,
        code: str | None = None,
        *,
        kind: SkuKind = SkuKind.GOODS,
        components: dict[str, int] | None = None,
        cost: str | None = None,
        **measures: int | None,
    ) -> SkuRow:
        """Make a SKU with *measures*; a bundle of *components*: how many units of which code."""
        code = code or self.code("SKU")
        changes = SkuChanges(name=f"Thing {code}", **measures)  # type: ignore[typeddict-item]
        if cost is not None:
            changes["cost"] = CostGiven(Decimal(cost), "GBP")
        parts = None if components is None else tuple(ComponentGiven(sku, quantity) for sku, quantity in components.items())
        command = UpsertSku(idempotency_key=uuid4().hex, code=code, kind=kind, changes=changes, components=parts)
        done = await self.work.execute(self.principal, upsert_sku, command)
        return cast("SkuRow", done.sku)

    async def listing(
        self, channel: ChannelRow, sku: SkuRow, code: str | None = None, *, price: str | None = None
    ) -> ListingRow:
        """List *sku* in *channel*."""
        changes = ListingChanges() if price is None else ListingChanges(price=PriceGiven(Decimal(price)))
        command = UpsertListing(channel_id=channel.id, code=code or self.code("LI"), sku=SkuRef(id=sku.id), changes=changes)
        return await self.work.execute(self.principal, upsert_listing, command)

    async def customer(self, external_ref: str | None = None, **changes: str) -> CustomerRow:
        """Make a customer."""
        said = CustomerChanges(**(changes or {"name": "Ada Lovelace", "email": "ada@example.com"}))  # type: ignore[typeddict-item]
        command = UpsertCustomer(external_ref=external_ref or self.code("C"), changes=said)
        return await self.work.execute(self.principal, upsert_customer, command)

    async def stock(
        self, on_hand: int = 5, *, sku: SkuRow | None = None, location: LocationRow | None = None
    ) -> InventoryLevelRow:
        """Put *on_hand* units of a SKU (by default a new one) to a location (by default a new one)."""
        sku = sku or await self.sku()
        location = location or await self.location()
        await self.adjust(sku.id, location.id, on_hand)
        return await self.level(sku.id, location.id)

    async def adjust(self, sku_id: SkuId, location_id: LocationId, delta: int, at: datetime | None = None) -> None:
        """Find (or, negative, miss) units; at *at*, or now."""
        reason = AdjustmentReason.OPENING_STOCK if delta > 0 else AdjustmentReason.LOST
        change = Change(SkuRef(id=sku_id), location_id, delta)
        command = AdjustInventory(changes=(change,), reason=reason, occurred_at=at)
        await self.work.execute(self.principal, adjust_inventory, command)

    async def level(self, sku_id: SkuId, location_id: LocationId) -> InventoryLevelRow:
        """Return a level as it is now."""
        async with self.work.reads(self.principal) as read:
            return cast("InventoryLevelRow", await level_of(read, sku_id, location_id))
