"""A small shop to try things on: made through the domain, once, and only where nothing is yet."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import Select, not_, select, union_all

from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.upsert_skus import UpsertSkus, upsert_skus
from oms_api.domain.catalog.given import ComponentGiven, CostGiven, SkuChanges, UpsertSku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import CreateChannel
from oms_api.domain.channels.commands.change_location import CreateLocation, create_location
from oms_api.domain.channels.commands.upsert_listing import ListingChanges, PriceGiven, UpsertListing, upsert_listing
from oms_api.domain.channels.queries import channels_by_code, locations_by_code
from oms_api.domain.channels.states import LocationKind, ReleaseWhen
from oms_api.domain.channels.tables import ChannelRow, LocationRow
from oms_api.domain.customers.commands.upsert_customer import CustomerChanges, UpsertCustomer, upsert_customer
from oms_api.domain.customers.queries import customer_by_reference
from oms_api.domain.customers.tables import CustomerRow
from oms_api.domain.inventory.adjustments import adjustment_by_id
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.states import AdjustmentReason
from oms_api.kernel.access import Principal
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, CustomerId, LocationId, SkuId
from oms_api.workflows.open_channel import open_channel

LOCATIONS = (
    CreateLocation(
        code="LEEDS",
        name="Leeds warehouse",
        kind=LocationKind.WAREHOUSE,
        time_zone="Europe/London",
        address=Address(line1="1 Canal Road", city="Leeds", postal_code="LS12 1AA", country="GB"),
    ),
    CreateLocation(
        code="VENLO",
        name="Venlo warehouse",
        kind=LocationKind.WAREHOUSE,
        time_zone="Europe/Amsterdam",
        address=Address(line1="Columbusweg 12", city="Venlo", postal_code="5928 LA", country="NL"),
    ),
    CreateLocation(
        code="YORK",
        name="York store",
        kind=LocationKind.STORE,
        time_zone="Europe/London",
        address=Address(line1="7 Stonegate", city="York", postal_code="YO1 8AS", country="GB"),
    ),
)
CHANNELS = {"web-uk": ("Web shop UK", "GBP", ("LEEDS", "YORK", "VENLO")), "web-eu": ("Web shop EU", "EUR", ("VENLO", "LEEDS"))}
GOODS = {
    "MUG-BLUE": ("Mug, blue", 380, "8.50", "2.10"),
    "MUG-WHITE": ("Mug, white", 380, "8.50", "2.05"),
    "TEAPOT": ("Teapot, one liter", 1_150, "29.00", "9.40"),
    "TEA-EARL-GREY": ("Earl Grey, 125 g", 160, "6.20", "1.80"),
    "TEA-ASSAM": ("Assam, 125 g", 160, "5.90", "1.60"),
    "CANDLE": ("Candle in a glass", 420, "12.00", "3.30"),
    "NOTEBOOK-A5": ("Notebook A5", 260, "9.90", "2.40"),
    "T-SHIRT-M": ("T-shirt, M", 190, "19.00", "5.20"),
}
MEASURES = {
    "MUG-BLUE": (120, 90, 100),
    "MUG-WHITE": (120, 90, 100),
    "TEAPOT": (240, 160, 170),
    "TEA-EARL-GREY": (80, 80, 110),
    "TEA-ASSAM": (80, 80, 110),
    "CANDLE": (90, 90, 105),
    "NOTEBOOK-A5": (210, 148, 15),
    "T-SHIRT-M": (300, 220, 25),
}
"""Length, width and height in millimeters."""
OTHERS = {
    "GIFT-WRAP": ("Gift wrapping", SkuKind.SERVICE, "3.50"),
    "TEA-GUIDE": ("The tea guide, e-book", SkuKind.DIGITAL, "4.00"),
    "GIFT-CARD-25": ("Gift card 25", SkuKind.GIFT_CARD, "25.00"),
}
TEA_SET = "TEA-SET"
PARTS = {"TEAPOT": (1, 29), "MUG-BLUE": (2, 8), "TEA-EARL-GREY": (1, 6)}
STOCK = {"LEEDS": 120, "VENLO": 80, "YORK": 12}
CUSTOMERS = {
    "demo-1": ("Ada Lovelace", "ada@example.com", "London"),
    "demo-2": ("Alan Turing", "alan@example.com", "Manchester"),
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """The demo shop: ids by code."""

    locations: Mapping[str, LocationId]
    channels: Mapping[str, ChannelId]
    skus: Mapping[str, SkuId]
    customers: Mapping[str, CustomerId]


async def seed(work: UnitOfWork, principal: Principal) -> Seeded | None:
    """Make the demo shop, or finish one that was broken off; where anything else is there, nothing is done: None."""
    async with work.reads(principal) as read:
        if not await _wanted(read):
            return None
    locations = {command.code: (await _location(work, principal, command)).id for command in LOCATIONS}
    skus = await _skus(work, principal)
    await _stock(work, principal, locations, skus)
    channels = {code: (await _channel(work, principal, code, locations, skus)).id for code in CHANNELS}
    customers = {ref: (await _customer(work, principal, ref)).id for ref in CUSTOMERS}
    return Seeded(locations=locations, channels=channels, skus=skus, customers=customers)


@statement
def _foreign(channels: list[str], skus: list[str]) -> Select[str]:
    others = union_all(
        select(ChannelRow.code).where(not_(among(ChannelRow.code, channels))),
        select(SkuRow.code).where(not_(among(SkuRow.code, skus))),
    )
    return select(others.subquery().c.code).limit(1)


async def _wanted(read: Reader) -> bool:
    foreign = await read.value(_foreign(list(CHANNELS), [*GOODS, *OTHERS, TEA_SET]))
    return foreign is None and await customer_by_reference(read, list(CUSTOMERS)[-1]) is None


async def _location(work: UnitOfWork, principal: Principal, command: CreateLocation) -> LocationRow:
    async with work.reads(principal) as read:
        if (found := await locations_by_code.of_one(read, command.code)) is not None:
            return found
    return await work.execute(principal, create_location, command)


async def _skus(work: UnitOfWork, principal: Principal) -> dict[str, SkuId]:
    goods = [_sku(code, SkuKind.GOODS, _changes(code)) for code in GOODS]
    others = [_sku(code, kind, SkuChanges(name=name)) for code, (name, kind, _) in OTHERS.items()]
    parts = tuple(ComponentGiven(code, quantity, share) for code, (quantity, share) in PARTS.items())
    bundle = UpsertSku(
        idempotency_key=f"seed {TEA_SET}",
        code=TEA_SET,
        kind=SkuKind.BUNDLE,
        changes=SkuChanges(name="Tea for two"),
        components=parts,
    )
    done = await work.execute(principal, upsert_skus, UpsertSkus((*goods, *others, bundle)))
    for one in done:
        if one.error is not None:
            raise one.error
    return {sku.code: sku.id for one in done if (sku := one.sku) is not None}


def _changes(code: str) -> SkuChanges:
    name, weight, _, cost = GOODS[code]
    length, width, height = MEASURES[code]
    return SkuChanges(
        name=name, weight_g=weight, length_mm=length, width_mm=width, height_mm=height, cost=CostGiven(Decimal(cost), "GBP")
    )


def _sku(code: str, kind: SkuKind, changes: SkuChanges) -> UpsertSku:
    return UpsertSku(idempotency_key=f"seed {code}", code=code, kind=kind, changes=changes)


async def _stock(
    work: UnitOfWork, principal: Principal, locations: Mapping[str, LocationId], skus: Mapping[str, SkuId]
) -> None:
    changes = tuple(
        Change(SkuRef(id=skus[sku]), locations[location], units) for location, units in STOCK.items() for sku in GOODS
    )
    command = AdjustInventory(changes=changes, reason=AdjustmentReason.OPENING_STOCK, reference="demo shop")
    await work.once(principal, adjust_inventory, command, key="seed stock", name="inventoryAdjust", again=adjustment_by_id)


async def _channel(
    work: UnitOfWork, principal: Principal, code: str, locations: Mapping[str, LocationId], skus: Mapping[str, SkuId]
) -> ChannelRow:
    name, currency, serving = CHANNELS[code]
    command = CreateChannel(
        code=code,
        name=name,
        currency=currency,
        time_zone="Europe/London" if currency == "GBP" else "Europe/Amsterdam",
        location_ids=tuple(locations[location] for location in serving),
        release_when=ReleaseWhen.AUTHORIZED,
    )
    async with work.reads(principal) as read:
        channel = await channels_by_code.of_one(read, code)
    if channel is None:
        channel = await work.execute(principal, open_channel, command)
    prices = {sku: price for sku, (_, _, price, _) in GOODS.items()} | {sku: price for sku, (_, _, price) in OTHERS.items()}
    for sku, price in {**prices, TEA_SET: "42.00"}.items():
        listing = UpsertListing(
            channel_id=channel.id,
            code=sku.lower(),
            sku=SkuRef(id=skus[sku]),
            changes=ListingChanges(price=PriceGiven(Decimal(price), currency)),
        )
        await work.execute(principal, upsert_listing, listing)
    return channel


async def _customer(work: UnitOfWork, principal: Principal, external_ref: str) -> CustomerRow:
    name, email, city = CUSTOMERS[external_ref]
    address = Address(name=name, city=city, country="GB")
    changes = CustomerChanges(name=name, email=email, address=address)
    return await work.execute(principal, upsert_customer, UpsertCustomer(external_ref=external_ref, changes=changes))
