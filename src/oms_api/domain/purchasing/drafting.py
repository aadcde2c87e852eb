"""What a draft of a purchase order says of itself, new or rewritten."""

from collections.abc import Sequence
from typing import Any

from oms_api.db.session import Tx
from oms_api.domain.channels.errors import LocationInactive
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.ordering import OrderedLine
from oms_api.kernel.errors import NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, LocationId, PurchaseOrderLineId, text_id
from oms_api.kernel.naming import check_code, check_text

LOCATION = "SELECT code, status FROM location WHERE id = $1::uuid"
REFERENCE_TAKEN = "uq_purchase_order_supplier_id_external_ref"


def check_header(external_ref: str | None, note: str | None) -> None:
    """Raises: Refused, for texts that are too long or cannot be stored, and an external reference that is none."""
    errors = wrong_in(
        lambda: check_text(note, "note"),
        lambda: None if external_ref is None else check_code(external_ref, "externalRef"),
    )
    if errors:
        raise Refused(errors=errors)


def location_refusals(tx: Tx, location_id: LocationId, locations: Sequence[tuple[Any, ...]]) -> list[OmsError]:
    """Return why goods cannot be ordered to a location: there is none to be seen, or it takes no part in anything new."""
    if not locations or not tx.principal.sees_location(location_id):
        return [NotFound(what="location", given=text_id(IdKind.LOCATION, location_id), field=("locationId",))]
    ((code, status),) = locations
    return [] if status == Activity.ACTIVE.value else [LocationInactive(location=code, field=("locationId",))]


def line_rows(tx: Tx, lines: Sequence[OrderedLine]) -> list[dict[str, object]]:
    """Return the rows of the lines, in the order given."""
    return [
        {"id": tx.new_id(PurchaseOrderLineId), "position": position, "sku_id": line.sku_id, "supplier_code": line.supplier_code,
         "quantity": line.quantity, "unit_cost": line.unit_cost, "total_minor": line.total_minor,
         "over_receipt_percent": line.over_receipt_percent, "expected_at": line.expected_at}
        for position, line in enumerate(lines)
    ]  # fmt: skip
