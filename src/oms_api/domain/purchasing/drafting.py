"""What a draft of a purchase order says of itself, new or rewritten."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.errors import LocationInactive
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.ordering import OrderedLine
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow
from oms_api.kernel.errors import NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, LocationId, PurchaseOrderId, PurchaseOrderLineId, text_id
from oms_api.kernel.naming import check_code, check_note

LOCATION = Sql("SELECT code, status FROM location WHERE id = :location::uuid")
LINES = inserts(PurchaseOrderLineRow)
REFERENCE_TAKEN = "uq_purchase_order_supplier_id_external_ref"


def check_header(external_ref: str | None, note: str | None) -> None:
    """Raises: Refused, for texts that are too long or cannot be stored, and an external reference that is none."""
    errors = wrong_in(
        lambda: check_note(note, "note"),
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


def write_lines(tx: Tx, purchase_order_id: PurchaseOrderId, lines: Sequence[OrderedLine]) -> None:
    """Write the lines of a purchase order in the last flush of *tx*, in the order given."""
    rows = [
        {"id": tx.new_id(PurchaseOrderLineId), "purchase_order_id": purchase_order_id, "position": position, **asdict(line)}
        for position, line in enumerate(lines)
    ]
    tx.write(LINES, rows)
