"""Shipping what a fulfillment order promised, from its location: three round trips, whatever the number of lines."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count, repeat

from oms_api.db.rows import inserts, updates
from oms_api.db.session import LookAgain, Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.lots import pick, shelves_of
from oms_api.domain.fulfillment.policies import LineToShip, check_ships, decide_shipment
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.fulfillment.ways import BY_FULFILLMENT_ORDER
from oms_api.domain.inventory.settle import Settled, ship_committed
from oms_api.domain.shipping.contents import content
from oms_api.domain.shipping.errors import PackagesApart
from oms_api.domain.shipping.events import ShipmentCreated
from oms_api.domain.shipping.packages import BY_PACKAGE
from oms_api.domain.shipping.shapes import PACKAGES
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow, ShipmentLineRow, ShipmentRow
from oms_api.domain.shipping.tracking import check_tracking
from oms_api.domain.shipping.verbs import LIFE, SHIP
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import (
    FulfillmentOrderId,
    IdKind,
    PackageId,
    PackageLineId,
    ShipmentId,
    ShipmentLineId,
    text_id,
)
from oms_api.kernel.occurrence import occurred

MOST_PACKAGES = 250
HEADERS, MADE, LINES, CONTENTS = inserts(ShipmentRow), inserts(PackageRow), inserts(ShipmentLineRow), inserts(PackageLineRow)
LEFT = updates(PackageRow, "shipment_id", "status", "version", "carrier", "tracking_number", "tracking_url")
NAMED = Sql(f"SELECT {PACKAGES.columns} FROM package WHERE id = ANY (:packages::uuid[])")  # noqa: S608 - our own columns
INSIDE = Sql("""
SELECT package_id, fulfillment_order_line_id, quantity FROM package_line WHERE package_id = ANY (:packages::uuid[]) ORDER BY id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShipment:
    """Ship packages that are packed; or *lines* of a fulfillment order, or all that is left of it, in one package."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId | None = None
    package_ids: tuple[PackageId, ...] | None = None
    lines: tuple[LineToShip, ...] | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeavingUnits:
    """Units of a promise that leave in a package; *path* leads to what named them."""

    key: ShipmentLineId
    package: PackageId
    promise: Promise
    units: int
    path: tuple[str, ...]


async def create_shipment(tx: Tx, command: CreateShipment) -> ShipmentRow:
    """Let promised units leave their location, and return the shipment.

    Where their level has lots, those leave first that expire first. Raises: NotFound, FulfillmentOrderNotOpen, OrderOnHold,
    OccurredTooEarly, UnitsPacked, PackagesApart; Refused with all that is wrong with lines or packages, LotExpired among it.
    """
    at = tx.business_time(command.occurred_at)
    check_tracking(command)
    if command.package_ids is not None:
        return await _ship_packed(tx, command, command.package_ids, at)
    work_id = command.fulfillment_order_id
    if work_id is None:
        raise InvalidValue(problem="Give fulfillmentOrderId or packageIds.", field=("fulfillmentOrderId",))
    document, _ = await locked_document(tx, BY_FULFILLMENT_ORDER, work_id)
    if document is None or not tx.principal.sees_location(document.works[work_id].location_id):
        given = text_id(IdKind.FULFILLMENT_ORDER, work_id)
        raise NotFound(what="fulfillment order", given=given, field=("fulfillmentOrderId",))
    at = occurred(at, command.occurred_at, not_before=document.order.placed_at, what="the order's placing")
    package = tx.new_id(PackageId)
    paths = repeat(("fulfillmentOrderId",)) if command.lines is None else (("lines", str(n), "quantity") for n in count())
    leaving = [
        LeavingUnits(tx.new_id(ShipmentLineId), package, promise, units, path)
        for path, (promise, units) in zip(paths, decide_shipment(document, work_id, command.lines), strict=False)
    ]
    picked = await picked_by_lot(tx, work_id, leaving, at)
    shipment = _depart(tx, document, work_id, leaving, at, packed=False)
    tracking = {name: getattr(command, name) for name in ("carrier", "tracking_number", "tracking_url")}
    write_package(tx, package, shipment, leaving, PackageStatus.SHIPPED, **tracking)
    return _record(tx, document, shipment, leaving, picked)


async def _ship_packed(tx: Tx, command: CreateShipment, keys: Sequence[PackageId], at: datetime) -> ShipmentRow:
    """Let packages leave with what is in them."""
    check_length(keys, "packageIds", MOST_PACKAGES)
    _check_alone(command, keys)
    asked = NAMED(packages=array(keys)), INSIDE(packages=array(keys))
    document, (rows, inside) = await locked_document(tx, BY_PACKAGE, keys[0], *asked)
    packages = {package.id: package for package in map(PACKAGES.record, rows)}
    first = packages.get(keys[0])
    errors = _wrong(tx, keys, packages if document is not None else {})
    if errors or document is None or first is None:
        raise Refused(errors=errors)
    work_id = first.fulfillment_order_id
    if command.fulfillment_order_id not in {None, work_id}:
        raise PackagesApart(field=("fulfillmentOrderId",))
    check_ships(document, work_id, "packageIds")
    packed_at = max(package.packed_at for package in packages.values())
    at = occurred(at, command.occurred_at, not_before=document.order.placed_at, what="the order's placing")
    at = occurred(at, command.occurred_at, not_before=packed_at, what="the packing")
    promises = {promise.work_line_id: promise for promise in document.promises.values()}
    leaving = [
        LeavingUnits(tx.new_id(ShipmentLineId), package, promises[line], units, ("packageIds", str(keys.index(package))))
        for package, line, units in inside
    ]
    picked = await picked_by_lot(tx, work_id, leaving, at)
    shipment = _depart(tx, document, work_id, leaving, at, packed=True)
    tracking = {name: given for name in ("carrier", "tracking_number", "tracking_url") if (given := getattr(command, name))}
    tx.write(LEFT, [_gone(packages[key], shipment.id, tracking) for key in keys])
    return _record(tx, document, shipment, leaving, picked)


def _gone(package: PackageRow, shipment: ShipmentId, given: dict[str, str]) -> dict[str, object]:
    """Return the row of a package that left, with what was *given* of its way."""
    tracking = {name: getattr(package, name) for name in ("carrier", "tracking_number", "tracking_url")}
    status = {"status": PackageStatus.SHIPPED, "version": package.version + 1}
    return {"id": package.id, "shipment_id": shipment, **status, **tracking, **given}


def _check_alone(command: CreateShipment, keys: Sequence[PackageId]) -> None:
    """Raises: Refused, for what does not go together with packages."""
    errors: list[OmsError] = []
    if command.lines is not None:
        errors.append(InvalidValue(problem="The packages say what leaves: leave lines out.", field=("lines",)))
    if len(keys) > 1 and any((command.carrier, command.tracking_number, command.tracking_url)):
        problem = "Carrier and tracking number are of one package: ship it alone, or use shipmentUpdate."
        errors.append(InvalidValue(problem=problem, field=("packageIds",)))
    twice = [at for at, key in enumerate(keys) if key in keys[:at]]
    problem = "This package is named twice."
    errors += [InvalidValue(problem=problem, field=("packageIds", str(at))) for at in twice]
    if errors:
        raise Refused(errors=errors)


def _wrong(tx: Tx, keys: Sequence[PackageId], packages: dict[PackageId, PackageRow]) -> list[OmsError]:
    """Return why which packages cannot leave, or not together."""
    errors: list[OmsError] = []
    for at, key in enumerate(keys):
        error: OmsError | None
        package, first = packages.get(key), packages.get(keys[0])
        if package is None or not tx.principal.sees_location(package.location_id):
            error = NotFound(what="package", given=text_id(IdKind.PACKAGE, key))
        elif first is not None and package.fulfillment_order_id != first.fulfillment_order_id:
            error = PackagesApart()
        else:
            error = LIFE.why_not(SHIP, package.status, None)
        if error is not None:
            error.field = ("packageIds", str(at))
            errors.append(error)
    return errors


async def picked_by_lot(tx: Tx, work_id: FulfillmentOrderId, leaving: Sequence[LeavingUnits], at: datetime) -> list[Settled]:
    """Return the units that leave by the lots they are of; where no level has any, nothing is asked.

    Raises: LookAgain, where a look without locks finds only expired lots for a line; Refused with LotExpired, where one with
    locks does.
    """
    has_lots = any(each.promise.in_lots for each in leaving)
    shelves = await shelves_of(tx, work_id, at) if has_lots else {}
    picked, errors = pick([(each.key, each.promise, each.units) for each in leaving], shelves)
    if errors and not tx.pessimistic:
        raise LookAgain
    if errors:
        raise Refused(errors=[error.at(*leaving[place].path) for place, error in errors.items()])
    return picked


def _depart(
    tx: Tx, document: OrderDocument, work_id: FulfillmentOrderId, leaving: Sequence[LeavingUnits], at: datetime, *, packed: bool
) -> ShipmentRow:
    """Save the order without the units that leave, and return their shipment."""
    for each in leaving:
        document.ship(document.promises[each.promise.id], each.units, packed=packed)
    document.save(tx, at)
    return write_shipment(tx, document, work_id, at, ShipmentStatus.SHIPPED)


def write_shipment(
    tx: Tx, document: OrderDocument, work_id: FulfillmentOrderId, at: datetime, status: ShipmentStatus, **ended: datetime
) -> ShipmentRow:
    """Write the shipment of a fulfillment order that left *at* a moment, and return it."""
    order, work = document.order, document.works[work_id]
    return tx.put(
        HEADERS,
        id=tx.new_id(ShipmentId),
        order_id=order.id,
        fulfillment_order_id=work_id,
        channel_id=order.channel_id,
        location_id=work.location_id,
        status=status,
        version=1,
        shipped_at=at,
        recorded_at=tx.now,
        updated_at=tx.now,
        **ended,
    )


def write_package(
    tx: Tx,
    package: PackageId,
    shipment: ShipmentRow,
    leaving: Sequence[LeavingUnits],
    status: PackageStatus,
    **more: str | datetime | None,
) -> None:
    """Write the package that is packed as it leaves, with what is in it."""
    tx.put(
        MADE,
        id=package,
        fulfillment_order_id=shipment.fulfillment_order_id,
        order_id=shipment.order_id,
        channel_id=shipment.channel_id,
        location_id=shipment.location_id,
        shipment_id=shipment.id,
        status=status,
        packed_at=shipment.shipped_at,
        **more,
    )
    tx.write(CONTENTS, [content(tx.new_id(PackageLineId), package, each.promise, each.units) for each in leaving])


def write_contents(tx: Tx, shipment: ShipmentRow, leaving: Sequence[LeavingUnits], picked: Sequence[Settled]) -> None:
    """Write what left in which package, and take it off the stock."""
    lines = [content(each.key, each.package, each.promise, each.units) for each in leaving]
    tx.write(LINES, [{**line, "shipment_id": shipment.id} for line in lines])
    ship_committed(tx, picked, shipment.shipped_at)


def _record(
    tx: Tx,
    document: OrderDocument,
    shipment: ShipmentRow,
    leaving: Sequence[LeavingUnits],
    picked: Sequence[Settled],
) -> ShipmentRow:
    """Write what left in which package, take it off the stock, and tell of it."""
    write_contents(tx, shipment, leaving, picked)
    moved = {"shipment.status": (None, shipment.status)}
    at = shipment.shipped_at
    document.emit(tx, ShipmentCreated, moved, at, subject_id=shipment.id, location_ids=(shipment.location_id,))
    return shipment
