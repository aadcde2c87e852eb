"""Scans for tests: any that a carrier may tell of parcels, told in any order, and where these have led the parcels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from oms_api.domain.carriers.folding import where
from oms_api.domain.carriers.queries import scans_by_package
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.queries import shipments_by_order
from oms_api.kernel.ids import PackageId
from oms_api.workflows.tracking.report import TakeScans, take_of_package
from oms_api.workflows.update_shipment import ShipmentChanges, UpdateShipment, update_shipment
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, line

S = TrackingStatus
LIKELY = (*[S.PRE_TRANSIT, S.UNKNOWN, S.OUT_FOR_DELIVERY, S.FAILURE, S.RETURN_TO_SENDER] * 2, *[S.IN_TRANSIT, S.LOST] * 4)
CODES = ("", "AR", "DP", "OH")
BUCKETS = ("shipped", "delivered", "lost", "returned_to_sender")


def scans_since(chance: Random, start: datetime, many: int, *, delivered: float = 0.7) -> list[Scan]:
    """Return up to so many scans from *start* on, some of one moment, perhaps with a delivery among the last of them."""
    moments = [start + timedelta(minutes=chance.randint(-10, 60)) for _ in range(many)]
    scans = [Scan(status=chance.choice(LIKELY), occurred_at=at, code=chance.choice(CODES)) for at in moments]
    if chance.random() < delivered:
        arrivals = chance.sample(moments, min(2, many))
        scans += [Scan(status=S.DELIVERED, occurred_at=at, scan_ref=f"D{chance.random()}") for at in arrivals]
    return scans


def told(chance: Random, scans: Sequence[Scan]) -> list[list[Scan]]:
    """Return the *scans* as a careless carrier tells them: in any order, many of them twice, a few at a time."""
    order = [*scans, *chance.choices(scans, k=len(scans))]
    chance.shuffle(order)
    pieces = []
    while order:
        many = chance.choice((1, 2, 3, 100))
        pieces.append(order[:many])
        order = order[many:]
    return pieces


@dataclass(frozen=True)
class Sent:
    """An order of which all has left, in packages."""

    order: OrderRow
    packages: Sequence[PackageId]


async def sent_in_packages(shop: Shop, *packages: Sequence[int], at: datetime) -> Sent:
    """Place an order and send it *at* a moment: a shipment for each of *packages*, with a package for each of its units."""
    cup = await shop.stocked(sum(map(sum, packages)), at=at)
    order = await shop.place(line(cup, sum(map(sum, packages))), at=at)
    (work,) = await shop.works(order.id)
    (first,) = await shop.lines(order.id)
    for units in packages:
        shipment = (await shop.ship(work.id, (first.id, sum(units)), occurred_at=at)).value
        for further in units[1:]:
            await shop.add_package(shipment.id, (first.id, further))
    return Sent(await shop.order(order.id), [each.id for each in await shop.packages(order.id)])


async def numbered(shop: Shop, sent: Sent, number: str, *, carrier: str) -> None:
    """Give all packages of an order the same carrier and number."""
    for package in await shop.packages(sent.order.id):
        assert package.shipment_id is not None
        changes: ShipmentChanges = {"carrier": carrier, "tracking_number": number}
        change = UpdateShipment(idempotency_key=uuid4().hex, shipment_id=package.shipment_id, changes=changes)
        await shop.work.execute(SYSTEM, update_shipment, change)


async def tell(shop: Shop, package: PackageId, scans: Iterable[Scan]) -> int:
    """Tell scans of a package, and return how many were not known."""
    command = TakeScans(package_id=package, scans=list(scans))
    return len((await shop.work.execute(SYSTEM, take_of_package, command)).new)


async def outcome(shop: Shop, sent: Sent) -> list[Any]:
    """Return what scans decide: of packages and their shipments, of lines, and of the order."""
    async with shop.work.reads(SYSTEM) as read:
        scans = await scans_by_package(read, sent.packages)
        shipments = await shipments_by_order.of_one(read, sent.order.id)
    order, packages = await shop.order(sent.order.id), await shop.packages(sent.order.id)
    return [
        [(each.status, each.scanned_at, each.delivered_at, where(scans.get(each.id, ()))) for each in packages],
        [{(scan.status, scan.occurred_at) for scan in scans.get(each.id, ())} for each in packages],
        [(each.status, each.delivered_at) for each in shipments],
        [[getattr(each, name) for name in BUCKETS] for each in await shop.lines(sent.order.id)],
        (order.status, order.fulfillment_status, order.payment_status),
    ]


def long_ago() -> datetime:
    """Return when parcels left whose scans are all over."""
    return datetime.now(UTC) - timedelta(days=30)
