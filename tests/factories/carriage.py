"""Carriers for tests: a stand-in that keeps a book of what it charged, and shops with packages that wait for their labels."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.commands.set_rates import GivenRate, SetRates, set_rates
from oms_api.domain.carriers.commands.upsert_account import UpsertAccount, upsert_account
from oms_api.domain.carriers.tables import CarrierAccountRow
from oms_api.domain.channels.commands.change_location import CreateLocation, create_location
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.parcels.port import (
    Access,
    BoughtLabel,
    CarrierRefused,
    CarrierUnreadable,
    EventsInOurForm,
    Parcel,
    Purchase,
    Quote,
    Scan,
    Setting,
)
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.ports import Ports
from oms_api.domain.shipping.queries import packages_by_fulfillment_order
from oms_api.kernel.address import Address
from oms_api.kernel.ids import PackageId
from oms_api.kernel.money import Money
from oms_api.workflows.labels.desk import Desk
from oms_api.workflows.pack_work import PackageToPack, PackWork, pack_work
from tests.factories.given import SYSTEM, Given
from tests.factories.ports import ports_of
from tests.factories.trading import Shop, line

WAREHOUSE = Address(company="Warehouse", line1="1 Dock Road", city="London", postal_code="E16 2QU", country="GB")
HOME = Address(name="Ada Lovelace", line1="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="GB")
CREATE = """CREATE TABLE IF NOT EXISTS charge (
    reference TEXT PRIMARY KEY, number TEXT UNIQUE NOT NULL, minor INTEGER NOT NULL, voided INTEGER NOT NULL DEFAULT 0)"""
PRICE = 495


class StandIn(EventsInOurForm):
    """A carrier with a book of its own, in a file: what it charged stays charged, whatever becomes of us.

    What it does is set by `mood`, or by the service that is asked for: "refuse", "hang", "nonsense", "charge_and_hang",
    "charge_and_fail", "charge_more".
    """

    title = "Stand-in"
    credentials: Sequence[Setting] = (Setting("user", "Who we are."), Setting("password", "How we prove it.", needed=False))
    settings: Sequence[Setting] = ()
    finds = True
    tracks = True

    def __init__(self, book: Path, *, mood: str = "", hangs_s: float = 3_600.0) -> None:
        self.path, self.mood, self.hangs_s = book, mood, hangs_s
        self.scans: dict[str, list[Scan]] = {}
        with closing(self._book()) as book_:
            book_.execute(CREATE)
            book_.commit()

    def _book(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=30, isolation_level=None)

    def rows(self) -> list[tuple[str, str, int, int]]:
        """Return what was charged: reference, number, minor units, whether it was given back."""
        with closing(self._book()) as book:
            return book.execute("SELECT reference, number, minor, voided FROM charge ORDER BY reference").fetchall()

    def standing(self) -> list[str]:
        """Return the references of what is charged and was not given back."""
        return [reference for reference, _, _, voided in self.rows() if not voided]

    async def rates(self, access: Access, parcel: Parcel) -> Sequence[Quote]:
        """Return one price for everything."""
        if self.mood == "hang":
            await asyncio.sleep(self.hangs_s)
        if self.mood == "nonsense":
            raise ValueError("<html>")
        if self.mood == "refuse":
            raise CarrierRefused(carrier_code="E42", carrier_message="Street unknown.", field=("recipient", "line1"))
        return [
            Quote(service="express", name="Express", price=Money(995, "GBP"), days=1),
            Quote(service="standard", name="Standard", price=Money(PRICE, "GBP"), days=3),
        ]

    async def buy(self, access: Access, purchase: Purchase) -> BoughtLabel:
        """Charge, as a real carrier would: once for each reference."""
        mood = self.mood or purchase.service
        if mood == "refuse":
            raise CarrierRefused(carrier_code="E42", carrier_message="Street unknown.", field=("recipient", "line1"))
        if mood == "hang":
            await asyncio.sleep(self.hangs_s)
        minor = 2 * PRICE if mood == "charge_more" else PRICE
        number = f"SI{uuid4().int % 10**12:012d}"
        with closing(self._book()) as book:
            book.execute(
                "INSERT INTO charge (reference, number, minor) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (purchase.reference, number, minor),
            )
        if mood == "charge_and_hang":
            await asyncio.sleep(self.hangs_s)
        if mood == "charge_and_fail":
            raise ConnectionResetError
        if mood == "nonsense":
            return BoughtLabel(tracking_number="", price=None, carrier_ref="\0")
        found = await self.find(access, purchase.reference)
        assert found is not None
        return found

    async def find(self, access: Access, reference: str) -> BoughtLabel | None:
        """Return what was charged by a reference."""
        with closing(self._book()) as book:
            row = book.execute("SELECT number, minor FROM charge WHERE reference = ? AND NOT voided", (reference,)).fetchone()
        if row is None:
            return None
        price = Money(row[1], "GBP")
        return BoughtLabel(tracking_number=row[0], price=price, carrier_ref=row[0], pdf=b"%PDF-1.7 " + row[0].encode())

    async def void(self, access: Access, carrier_ref: str) -> None:
        """Give a charge back."""
        if self.mood == "keep":
            raise CarrierRefused(carrier_code="E7", carrier_message="Too late.")
        if self.mood == "hang":
            await asyncio.sleep(self.hangs_s)
        with closing(self._book()) as book:
            found = book.execute("UPDATE charge SET voided = 1 WHERE number = ? RETURNING 1", (carrier_ref,)).fetchone()
        if found is None:
            raise CarrierRefused(carrier_code="E8", carrier_message="No such label.")

    async def track(self, access: Access, tracking_number: str) -> Sequence[Scan]:
        """Return what a test put there."""
        if self.mood == "nonsense":
            raise CarrierUnreadable
        found = Scan(status=TrackingStatus.PRE_TRANSIT, occurred_at=datetime(2026, 1, 1, tzinfo=UTC))
        return [found, *self.scans.get(tracking_number, ())]


@dataclass
class Counter:
    """A shop whose location has an address, and an account with a carrier that is a stand-in."""

    shop: Shop
    carrier: StandIn
    account: CarrierAccountRow
    ports: Ports

    @classmethod
    async def open(cls, work: UnitOfWork, book: Path, *, code: str = "standin", **more: Any) -> "Counter":
        """Open a shop with an account."""
        carrier = StandIn(book, **more)
        ports = ports_of(work)
        ports = replace(ports, carriers={**ports.carriers, code: carrier})
        shop = await shop_with_address(work)
        account = await account_of(work, ports, code, credentials={"user": "us"})
        return cls(shop, carrier, account, ports)

    @property
    def desk(self) -> Desk:
        """Where labels are bought from."""
        return Desk(self.shop.work, SYSTEM, self.ports)

    async def package(self, **more: Any) -> PackageId:
        """Return a package that waits for its label."""
        return (await packed(self.shop, **more))[0]


async def shop_with_address(work: UnitOfWork) -> Shop:
    """Open a shop of one location with an address."""
    given = Given(work)
    code = given.code("LOC")
    command = CreateLocation(
        code=code, name=f"Location {code}", kind=LocationKind.WAREHOUSE, time_zone="Europe/London", address=WAREHOUSE
    )
    location = await work.execute(SYSTEM, create_location, command)
    return Shop(work, await given.channel(locations=(location,)), (location,))


async def account_of(work: UnitOfWork, ports: Ports, carrier: str, **more: Any) -> CarrierAccountRow:
    """Make an account with a carrier."""

    async def make(tx: Tx, command: UpsertAccount) -> CarrierAccountRow:
        return await upsert_account(tx, command, carriers=ports.carriers, vault=ports.vault)

    return await work.execute(SYSTEM, make, UpsertAccount(**{"code": Given.code("ACC"), "carrier": carrier, **more}))


async def rated(work: UnitOfWork, account: CarrierAccountRow, *rates: GivenRate, currency: str = "GBP") -> CarrierAccountRow:
    """Give an account its rates."""
    return await work.execute(SYSTEM, set_rates, SetRates(account_id=account.id, currency=currency, rates=rates))


async def ordered(shop: Shop, *, units: int = 2, to: Address | None = HOME, grams: int | None = 400, **more: Any) -> OrderRow:
    """Place an order of goods that are there."""
    given = Given(shop.work)
    sku = await given.sku(weight_g=grams)
    await given.adjust(sku.id, shop.locations[0].id, 100)
    return await shop.place(line(sku, units), shipping_address=to, **more)


async def packed(shop: Shop, *, weight_g: int | None = 850, **more: Any) -> tuple[PackageId, OrderRow]:
    """Place an order and pack all of it into one package."""
    order = await ordered(shop, **more)
    (work,) = await shop.works(order.id)

    (bought,) = await shop.lines(order.id)
    lines = (LineToShip(line_id=bought.id, quantity=bought.ordered),)
    wanted = PackageToPack(lines=lines, weight_g=weight_g)
    command = PackWork(idempotency_key=uuid4().hex, fulfillment_order_id=work.id, packages=(wanted,))
    await shop.work.execute(SYSTEM, pack_work, command)
    async with shop.work.reads(SYSTEM) as read:
        (package,) = await packages_by_fulfillment_order.of_one(read, work.id)
    return package.id, order
