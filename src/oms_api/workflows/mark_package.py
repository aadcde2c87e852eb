"""Recording that a package does not arrive: it is lost, or came back undelivered. Its units have met their end either way.

A carrier's scan loses it and finds it again as people do; that it came back is told only by who has it in hands.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oms_api.db.records import revised
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.inventory.capacity import levels_without_capacity
from oms_api.domain.inventory.errors import TooMuchStock
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.take_back import TakenBack, take_back_units, units_by_level
from oms_api.domain.orders.quantities import lose, send_back
from oms_api.domain.returns.receiving import BUCKETS
from oms_api.domain.returns.states import Disposition
from oms_api.domain.shipping.errors import UnitsInReturn
from oms_api.domain.shipping.events import PackageFound, PackageLost, PackageReturned
from oms_api.domain.shipping.packages import BY_PACKAGE
from oms_api.domain.shipping.policies import shipment_status
from oms_api.domain.shipping.shapes import PACKAGES, SHIPMENTS
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.domain.shipping.verbs import LIFE, MARK_FOUND, MARK_LOST, MARK_RETURNED
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import FulfillmentOrderLineId, IdKind, LineId, LocationId, PackageId, PackageLineId, SkuId, text_id
from oms_api.kernel.occurrence import occurred
from oms_api.kernel.verbs import Verb

OF_PACKAGE = "(SELECT shipment_id FROM package WHERE id = :package::uuid)"
SHIPMENT = Sql(f"SELECT {SHIPMENTS.columns} FROM shipment WHERE id = {OF_PACKAGE}")  # noqa: S608 - our own columns
TOGETHER = Sql(f"SELECT {PACKAGES.columns} FROM package WHERE id = :package::uuid OR shipment_id = {OF_PACKAGE}")  # noqa: S608 - our own columns
CONTENTS = Sql("""
SELECT id, fulfillment_order_line_id, line_id, quantity FROM package_line WHERE package_id = :package::uuid ORDER BY id
""")
LEFT = Sql(f"""
SELECT line.fulfillment_order_line_id, moved.sku_id, moved.lot, moved.quantity, back.units
FROM shipment_line line JOIN stock_movement moved ON moved.cause_id = line.id AND moved.kind = 'SHIP'
CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity), 0)::int AS units FROM stock_movement
    WHERE kind = 'TAKE_BACK' AND lot IS NOT DISTINCT FROM moved.lot AND cause_id IN (
        SELECT id FROM shipment_line
        WHERE shipment_id = line.shipment_id AND fulfillment_order_line_id = line.fulfillment_order_line_id
        UNION ALL
        SELECT inside.id FROM package_line inside JOIN package ON package.id = inside.package_id
        WHERE package.shipment_id = line.shipment_id AND inside.fulfillment_order_line_id = line.fulfillment_order_line_id)
) AS back
WHERE line.shipment_id = {OF_PACKAGE} AND line.fulfillment_order_line_id IN (
    SELECT fulfillment_order_line_id FROM package_line WHERE package_id = :package::uuid)
ORDER BY line.package_id <> :package::uuid, moved.id
""")  # noqa: S608 - made of constants
"""By which lots the lines of a package left, and how many units of each came back; what left in the package comes first."""
LOCATION = Sql("SELECT id FROM location WHERE id = :location::uuid")
ENDED = updates(PackageRow, "status", "lost_at", "returned_at", "version", "updated_at")
HEADER = updates(ShipmentRow, "status", "version", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkLost:
    """A package was lost on the way."""

    idempotency_key: str
    package_id: PackageId
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReturned:
    """A package came back undelivered to a location, without one to that which it had left; its units are for *disposition*."""

    idempotency_key: str
    package_id: PackageId
    location_id: LocationId | None = None
    disposition: Disposition = Disposition.RESTOCK
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkFound:
    """A package that was lost turned up, and is on its way again."""

    idempotency_key: str
    package_id: PackageId
    occurred_at: datetime | None = None


@dataclass(slots=True)
class MarkedPackage:
    """A package on its way, with its shipment, its order and what is in it; what is marked happened *at* that moment."""

    at: datetime
    document: OrderDocument
    shipment: ShipmentRow
    packages: dict[PackageId, PackageRow]
    package: PackageRow
    contents: Sequence[tuple[PackageLineId, FulfillmentOrderLineId, LineId, int]]
    left: Sequence[tuple[Any, ...]]


async def mark_lost(tx: Tx, command: MarkLost) -> ShipmentRow:
    """Record that a package was lost, and return its shipment. No stock moves: its units had left.

    Raises: NotFound, IllegalMove, OccurredTooEarly, UnitsInReturn.
    """
    sent = await package_sent(tx, command.package_id, command.occurred_at, MARK_LOST)
    return end(tx, sent, PackageLost, _lost(tx, sent), sent.at)


async def package_lost(tx: Tx, key: PackageId, at: datetime) -> PackageRow:
    """Record that a carrier lost a package *at* a moment, or as it left where that was later, and return it.

    Raises: NotFound, IllegalMove, UnitsInReturn.
    """
    sent = await _scanned(tx, key, at, MARK_LOST)
    package = _lost(tx, sent)
    end(tx, sent, PackageLost, package, sent.at)
    return package


def _lost(tx: Tx, sent: MarkedPackage) -> PackageRow:
    for *_, line_id, units in sent.contents:
        sent.document.set_line(lose(sent.document.lines[line_id], units))
    return revised(sent.package, tx.now, status=PackageStatus.LOST, lost_at=sent.at)


async def mark_found(tx: Tx, command: MarkFound) -> ShipmentRow:
    """Record that a lost package is on its way again, and return its shipment: a completed order waits for it once more.

    Raises: NotFound, IllegalMove, OccurredTooEarly.
    """
    sent = await package_sent(tx, command.package_id, command.occurred_at, MARK_FOUND)
    return end(tx, sent, PackageFound, _found(tx, sent), sent.at)


async def package_found(tx: Tx, key: PackageId, at: datetime) -> PackageRow:
    """Record that a carrier had a lost package in hands *at* a moment, and return it; before it was lost that finds nothing.

    Raises: NotFound, IllegalMove.
    """
    sent = await _scanned(tx, key, at, MARK_FOUND)
    if sent.package.lost_at is not None and sent.at < sent.package.lost_at:
        return sent.package
    package = _found(tx, sent)
    end(tx, sent, PackageFound, package, sent.at)
    return package


def _found(tx: Tx, sent: MarkedPackage) -> PackageRow:
    for *_, line_id, units in sent.contents:
        sent.document.set_line(lose(sent.document.lines[line_id], -units))
    sent.document.reopened = True
    return revised(sent.package, tx.now, status=PackageStatus.SHIPPED)


async def mark_returned(tx: Tx, command: MarkReturned) -> ShipmentRow:
    """Record that a package came back undelivered, take its units in with the lots they left with, and return its shipment.

    Raises: NotFound, IllegalMove, OccurredTooEarly, UnitsInReturn, TooMuchStock.
    """
    sent = await package_sent(tx, command.package_id, command.occurred_at, MARK_RETURNED)
    at = sent.at
    location_id = command.location_id or sent.shipment.location_id
    if not await tx.fetch(LOCATION(location=location_id)) or not tx.principal.sees_location(location_id):
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, location_id), field=("locationId",))
    found = sent.package.status is PackageStatus.LOST
    for *_, line_id, units in sent.contents:
        line = sent.document.lines[line_id]
        sent.document.set_line(send_back(lose(line, -units) if found else line, units))
    bucket = BUCKETS[command.disposition]
    stock = [
        TakenBack(sku, location_id, bucket, units, cause, lot, CauseKind.PACKAGE_LINE)
        for cause, sku, lot, units in of_package(sent)
    ]
    if await levels_without_capacity(tx, units_by_level(stock)):
        raise TooMuchStock(field=("locationId",))
    take_back_units(tx, stock, at)
    package = revised(sent.package, tx.now, status=PackageStatus.RETURNED_TO_SENDER, returned_at=at)
    return end(tx, sent, PackageReturned, package, at, location_id)


def of_package(sent: MarkedPackage) -> list[tuple[PackageLineId, SkuId, str | None, int]]:
    """Return how many units of which lot are in which line of a package: units may have been moved to another package."""
    lines = {part: (key, units) for key, part, _, units in sent.contents}
    there: dict[tuple[Any, str | None], int] = {}
    for part, _, lot, units, back in sent.left:
        there[part, lot] = there.get((part, lot), -back) + units
    found = []
    for part, sku, lot, units, _ in sent.left:
        key, wanted = lines[part]
        if taken := min(wanted, units, there[part, lot]):
            lines[part] = key, wanted - taken
            there[part, lot] -= taken
            found.append((key, sku, lot, taken))
    return found


async def package_sent(tx: Tx, key: PackageId, occurred_at: datetime | None, verb: Verb[PackageStatus, None]) -> MarkedPackage:
    """Lock the order of a package to do *verb* with it, as happened at a moment that is given, and return it with all in it."""
    at = tx.business_time(occurred_at)
    sent = await _sent(tx, key, verb)
    sent.at = occurred(at, occurred_at, not_before=sent.shipment.shipped_at, what="the package's leaving")
    return sent


async def _scanned(tx: Tx, key: PackageId, at: datetime, verb: Verb[PackageStatus, None]) -> MarkedPackage:
    """Do the same *at* the moment of a scan: the clocks of carriers differ from ours."""
    sent = await _sent(tx, key, verb)
    sent.at = max(at, sent.shipment.shipped_at)
    return sent


async def _sent(tx: Tx, key: PackageId, verb: Verb[PackageStatus, None]) -> MarkedPackage:
    document, (shipments, together, contents, left) = await locked_document(
        tx, BY_PACKAGE, key, SHIPMENT(package=key), TOGETHER(package=key), CONTENTS(package=key), LEFT(package=key)
    )
    packages = {package.id: package for package in map(PACKAGES.record, together)}
    package = packages.get(key)
    if document is None or package is None or not tx.principal.sees_location(package.location_id):
        raise NotFound(what="package", given=text_id(IdKind.PACKAGE, key), field=("packageId",))
    refuse_if(LIFE.why_not(verb, package.status, None))
    (shipment,) = map(SHIPMENTS.record, shipments)
    if package.status is PackageStatus.SHIPPED:
        wanted: dict[LineId, int] = {}
        for *_, line_id, units in contents:
            wanted[line_id] = wanted.get(line_id, 0) + units
        back = sum(max(units - document.lines[line_id].returnable, 0) for line_id, units in wanted.items())
        refuse_if(UnitsInReturn(units=back, field=("packageId",)) if back else None)
    return MarkedPackage(tx.now, document, shipment, packages, package, contents, left)


def end(
    tx: Tx,
    sent: MarkedPackage,
    kind: type[PackageLost] | type[PackageFound] | type[PackageReturned],
    package: PackageRow,
    at: datetime,
    location_id: LocationId | None = None,
) -> ShipmentRow:
    """Write *package* as it ended, with its shipment and its order, tell of it, and return the shipment."""
    document, was = sent.document, sent.shipment
    document.save(tx, at)
    status = shipment_status([each.status for each in (sent.packages | {package.id: package}).values()])
    shipment = revised(was, tx.now, status=status)
    tx.write(ENDED, [package])
    tx.write(HEADER, [shipment])
    moved, places = {"shipment.status": (was.status, shipment.status)}, {was.location_id, location_id or was.location_id}
    document.emit(tx, kind, moved, at, subject_id=shipment.id, location_ids=tuple(sorted(places)), cause_id=package.id)
    document.emit_status(tx, at)
    return shipment
