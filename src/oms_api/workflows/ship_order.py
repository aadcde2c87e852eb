"""Shipping what a fulfillment order promised, from its location: three round trips, whatever the number of lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.rows import inserts
from oms_api.db.session import LookAgain, Tx
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.lots import pick, shelves_of
from oms_api.domain.fulfillment.policies import LineToShip, decide_shipment
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.fulfillment.ways import BY_FULFILLMENT_ORDER
from oms_api.domain.inventory.settle import Settled, ship_committed
from oms_api.domain.shipping.events import ShipmentCreated
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow, ShipmentLineRow, ShipmentRow
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, PackageId, PackageLineId, ShipmentId, ShipmentLineId, text_id
from oms_api.kernel.occurrence import occurred

LONGEST_TEXT = 255
LONGEST_URL = 2_048

HEADERS, PACKAGES, LINES = inserts(ShipmentRow), inserts(PackageRow), inserts(ShipmentLineRow)
CONTENTS = inserts(PackageLineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateShipment:
    """Ship *lines* of a fulfillment order, or all that is left of it, in one package."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    lines: tuple[LineToShip, ...] | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    occurred_at: datetime | None = None


async def create_shipment(tx: Tx, command: CreateShipment) -> ShipmentRow:
    """Let promised units leave their location, and return the shipment.

    Where their level has lots, those leave first that expire first. Raises: NotFound, FulfillmentOrderNotOpen, OrderOnHold,
    OccurredTooEarly; Refused with all that is wrong with the lines, LotExpired among it.
    """
    at = tx.business_time(command.occurred_at)
    check_texts(command)
    work_id = command.fulfillment_order_id
    document, _ = await locked_document(tx, BY_FULFILLMENT_ORDER, work_id)
    if document is None or not tx.principal.sees_location(document.works[work_id].location_id):
        given = text_id(IdKind.FULFILLMENT_ORDER, work_id)
        raise NotFound(what="fulfillment order", given=given, field=("fulfillmentOrderId",))
    was = document.order
    at = occurred(at, command.occurred_at, not_before=was.placed_at, what="the order's placing")
    leaving = [
        (tx.new_id(ShipmentLineId), promise, units) for promise, units in decide_shipment(document, work_id, command.lines)
    ]
    picked = await pick_lots(tx, command, leaving, at)
    for _, promise, units in leaving:
        document.ship(promise, units)
    document.save(tx, at)
    shipment = _shipment(tx, document, work_id, at)
    package = tx.new_id(PackageId)
    tx.put(
        PACKAGES,
        id=package,
        fulfillment_order_id=work_id,
        order_id=was.id,
        channel_id=was.channel_id,
        location_id=shipment.location_id,
        shipment_id=shipment.id,
        status=PackageStatus.SHIPPED,
        packed_at=at,
        carrier=command.carrier,
        tracking_number=command.tracking_number,
        tracking_url=command.tracking_url,
    )
    tx.write(CONTENTS, [content(tx.new_id(PackageLineId), package, promise, units) for _, promise, units in leaving])
    tx.write(LINES, [{**content(key, package, promise, units), "shipment_id": shipment.id} for key, promise, units in leaving])
    ship_committed(tx, picked, at)
    moved = {"shipment.status": (None, shipment.status)}
    document.emit(tx, ShipmentCreated, moved, at, subject_id=shipment.id, location_ids=(shipment.location_id,))
    return shipment


def content(key: UUID, package: PackageId, promise: Promise, units: int) -> dict[str, object]:
    """Return the row of units of a promise that are in a package."""
    return {
        "id": key,
        "package_id": package,
        "fulfillment_order_line_id": promise.work_line_id,
        "line_id": promise.line_id,
        "quantity": units,
    }


async def pick_lots(
    tx: Tx, command: CreateShipment, leaving: Sequence[tuple[ShipmentLineId, Promise, int]], at: datetime
) -> list[Settled]:
    """Return the units that leave by the lots they are of; where no level has any, nothing is asked.

    Raises: LookAgain, where a look without locks finds only expired lots for a line; Refused with LotExpired, where one with
    locks does.
    """
    has_lots = any(promise.in_lots for _, promise, _ in leaving)
    shelves = await shelves_of(tx, command.fulfillment_order_id, at) if has_lots else {}
    picked, errors = pick(leaving, shelves)
    if errors and not tx.pessimistic:
        raise LookAgain
    if errors:
        by_row = command.lines is not None
        paths = [("lines", place, "quantity") if by_row else ("fulfillmentOrderId",) for place in errors]
        raise Refused(errors=[error.at(*path) for error, path in zip(errors.values(), paths, strict=True)])
    return picked


def check_texts(command: CreateShipment) -> None:
    """Raises: Refused, for texts that are empty or too long, or a tracking page that is no web address."""
    errors: list[OmsError] = []
    for name, text in (("carrier", command.carrier), ("trackingNumber", command.tracking_number)):
        if text is not None and not 0 < len(text) <= LONGEST_TEXT:
            errors.append(InvalidValue(problem=f"{name} has 1 to {LONGEST_TEXT} characters.", field=(name,)))
    url = command.tracking_url
    if url is not None and not (url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL):
        problem = f"trackingUrl is a web address of at most {LONGEST_URL} characters."
        errors.append(InvalidValue(problem=problem, field=("trackingUrl",)))
    if errors:
        raise Refused(errors=errors)


def _shipment(tx: Tx, document: OrderDocument, work_id: FulfillmentOrderId, at: datetime) -> ShipmentRow:
    order, work = document.order, document.works[work_id]
    return tx.put(
        HEADERS,
        id=tx.new_id(ShipmentId),
        order_id=order.id,
        fulfillment_order_id=work_id,
        channel_id=order.channel_id,
        location_id=work.location_id,
        status=ShipmentStatus.SHIPPED,
        shipped_at=at,
        recorded_at=tx.now,
        updated_at=tx.now,
    )
