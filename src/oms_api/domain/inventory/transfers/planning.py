"""What a transfer plans: where from, where to, and its lines, new or rewritten."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.channels.errors import LocationInactive
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.inventory.ledger import make_levels
from oms_api.domain.inventory.transfers.errors import SameLocation
from oms_api.domain.inventory.transfers.policies import LineToSend
from oms_api.domain.inventory.transfers.tables import TransferLineRow, TransferRow
from oms_api.kernel.checks import check_quantity
from oms_api.kernel.errors import LineTwice, NotFound, OmsError, wrong_in
from oms_api.kernel.ids import IdKind, LocationId, SkuId, TransferId, TransferLineId, text_id
from oms_api.kernel.naming import check_code, check_note
from oms_api.kernel.occurrence import check_planned

REFERENCE_TAKEN = "uq_transfer_external_ref"
LINES = inserts(TransferLineRow)
DESTINATION = Sql("SELECT code, status FROM location WHERE id = :location::uuid")


def wrong_header(external_ref: str | None, note: str | None, expected_at: datetime | None) -> list[OmsError]:
    """Return what is wrong with a reference, a note and the day of arrival."""
    return wrong_in(
        lambda: None if external_ref is None else check_code(external_ref, "externalRef"),
        lambda: check_note(note, "note"),
        lambda: check_planned(expected_at, "expectedAt"),
    )


async def wrong_ends(tx: Tx, origin_id: LocationId, destination_id: LocationId) -> list[OmsError]:
    """Return what is wrong with the ends of a transfer: whoever plans it sees both, and no goods go to an inactive location."""
    if origin_id == destination_id:
        return [SameLocation(field=("destinationId",))]
    found = await locations_by_id(tx, (origin_id, destination_id))
    errors: list[OmsError] = [
        NotFound(what="location", given=text_id(IdKind.LOCATION, given), field=(name,))
        for name, given in (("originId", origin_id), ("destinationId", destination_id))
        if given not in found
    ]
    destination = found.get(destination_id)
    if destination is not None and destination.status is not Activity.ACTIVE:
        errors.append(LocationInactive(location=destination.code, field=("destinationId",)))
    return errors


async def check_destination(tx: Tx, transfer: TransferRow) -> None:
    """Raises: LocationInactive, where goods of *transfer* would leave for a location that takes part in nothing new."""
    ((code, status),) = await tx.fetch(DESTINATION(location=transfer.destination_id))
    if status != Activity.ACTIVE.value:
        raise LocationInactive(location=code, field=("transferId",))


async def plan(tx: Tx, lines: Sequence[LineToSend]) -> tuple[Mapping[SkuId, int], list[OmsError]]:
    """Return how many units of which SKU *lines* ask for, in their order, and what is wrong with them."""
    skus = await skus_by_reference(tx, [line.sku for line in lines])
    quantities: dict[SkuId, int] = {}
    errors: list[OmsError] = []
    for index, line in enumerate(lines):
        sku, path = skus.get(line.sku), ("lines", index)
        if sku is None:
            errors.append(line.sku.unknown("sku").at(*path))
        elif not sku.kind.stocked:
            errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)).at(*path))
        elif sku.id in quantities:
            errors.append(LineTwice(field=("sku",)).at(*path))
        try:
            check_quantity(line.quantity, "quantity")
        except OmsError as error:
            errors.append(error.at(*path))
        if sku is not None:
            quantities[sku.id] = line.quantity
    return quantities, errors


def write_lines(tx: Tx, transfer_id: TransferId, destination_id: LocationId, quantities: Mapping[SkuId, int]) -> None:
    """Write the lines of a transfer in the last flush of *tx*, with the levels that they will come to: receipts find them."""
    lines = [
        {"id": tx.new_id(TransferLineId), "transfer_id": transfer_id, "position": position, "sku_id": sku, "quantity": quantity}
        for position, (sku, quantity) in enumerate(quantities.items(), 1)
    ]
    tx.write(LINES, lines)
    make_levels(tx, [(sku_id, destination_id) for sku_id in quantities])
