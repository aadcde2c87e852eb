"""A supplier ships accepted units, and reports tracking."""

from oms_api.db.documents import not_found
from oms_api.db.session import Reader, Tx
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.fulfillment.giving_up import facts_of
from oms_api.domain.fulfillment.requests.document import BY_REQUEST, FulfillmentRequestDocument
from oms_api.domain.fulfillment.requests.queries import request_by_id, requests_by_fulfillment_order
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import LIFE, SHIP, RequestFacts
from oms_api.domain.parcels.port import Scan
from oms_api.domain.shipping.queries import packages_by_id, packages_by_shipment
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import FulfillmentRequestId, IdKind, PackageId, text_id
from oms_api.workflows.requests.answering import request_named
from oms_api.workflows.requests.reject import LineOfRequest
from oms_api.workflows.ship_order import CreateShipment, create_shipment
from oms_api.workflows.tracking.report import ReportTracking, report_tracking

FIELDS = {"fulfillmentOrderId": "fulfillmentRequestId", "fulfillmentOrderLineId": "lineId"}
"""What a supplier calls the fields of a shipment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipRequest:
    """Ship *lines* of a request, or all that is left of it, in one package."""

    idempotency_key: str
    request_id: FulfillmentRequestId
    lines: tuple[LineOfRequest, ...] | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRequest:
    """A package of a request, and its tracking events."""

    package_id: PackageId
    events: tuple[Scan, ...]


async def ship_request(tx: Tx, command: ShipRequest) -> ShipmentRow:
    """Let units that the supplier accepted leave its location, and return the shipment; the request follows it.

    Raises: NotFound, RequestNotAccepted, OrderOnHold, FulfillmentOrderOnHold, ShipsComplete, UnitsPacked; Refused with all
    that is wrong with the lines.
    """
    row = await request_named(tx, command.request_id)
    document, _ = await locked_document(tx, BY_REQUEST, row.id)
    work = None if document is None else document.works[row.fulfillment_order_id]
    if document is None or work is None or work.asked is None:
        raise not_found(FulfillmentRequestDocument, row.id)
    refuse_if(LIFE.why_not(SHIP, work.asked.status, RequestFacts(work.status, facts_of(document, work))))
    shipment = CreateShipment(
        idempotency_key=command.idempotency_key,
        fulfillment_order_id=work.id,
        lines=None if command.lines is None else tuple(line.to_ship for line in command.lines),
        carrier=command.carrier,
        tracking_number=command.tracking_number,
        tracking_url=command.tracking_url,
    )
    try:
        return await create_shipment(tx, shipment)
    except OmsError as error:
        for each in error.errors if isinstance(error, Refused) else [error]:
            each.field = tuple(FIELDS.get(part, part) for part in each.field or ())
        raise


async def track_request(tx: Tx, command: TrackRequest) -> FulfillmentRequestRow:
    """Take in what happened to a package of a request, and return the request. Raises: NotFound, and as `report_tracking`."""
    package = await packages_by_id.of_one(tx, command.package_id)
    row = None if package is None else await requests_by_fulfillment_order.of_one(tx, package.fulfillment_order_id)
    if row is None:
        given = text_id(IdKind.PACKAGE, command.package_id)
        raise NotFound(what="package", given=given, field=("packageId",))
    await report_tracking(tx, ReportTracking(package_id=command.package_id, events=command.events))
    return await request_by_id(tx, row.id)


async def shipped_of(read: Reader, shipment: ShipmentRow) -> tuple[FulfillmentRequestRow, PackageRow]:
    """Return the request that a shipment is of, and its first package. Raises: NotFound."""
    row = await requests_by_fulfillment_order.of_one(read, shipment.fulfillment_order_id)
    packages = await packages_by_shipment.of_one(read, shipment.id)
    if row is None or not packages:
        raise NotFound(what="shipment", given=text_id(IdKind.SHIPMENT, shipment.id), field=("fulfillmentRequestId",))
    return row, packages[0]
