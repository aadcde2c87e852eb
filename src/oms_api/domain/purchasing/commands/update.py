"""Rewriting a draft: its lines are replaced as a set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from oms_api.db.pipeline import Statement
from oms_api.db.records import changed
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.purchasing.document import Changes, PurchaseOrderDocument, locked_purchase_order
from oms_api.domain.purchasing.drafting import LOCATION, REFERENCE_TAKEN, check_header, location_refusals, write_lines
from oms_api.domain.purchasing.errors import DuplicatePurchaseOrderRef
from oms_api.domain.purchasing.events import PurchaseOrderChanged
from oms_api.domain.purchasing.ordering import (
    ARTICLES,
    LineToOrder,
    OrderedLine,
    articles_found,
    check_lines,
    decide_lines,
    named_articles,
)
from oms_api.domain.purchasing.policies import why_not_update
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, PurchaseOrderId, text_id
from oms_api.kernel.intake import refuse_if
from oms_api.kernel.naming import check_version

TAKEN = Sql("""
SELECT other.id FROM purchase_order other
WHERE other.supplier_id = (SELECT supplier_id FROM purchase_order WHERE id = :key::uuid)
  AND other.external_ref = :reference::text AND other.id <> :key::uuid
""")
ARTICLES_OF = Sql(ARTICLES.format(supplier="(SELECT supplier_id FROM purchase_order WHERE id = :key::uuid)"))
WRITTEN = Sql(f"""
SELECT {", ".join(OrderedLine.__slots__)} FROM purchase_order_line WHERE purchase_order_id = :key::uuid ORDER BY position
""")  # noqa: S608 - our own columns
HEADER = updates(PurchaseOrderRow, "location_id", "external_ref", "note", "total_minor", "version")
FORGET = Sql("DELETE FROM purchase_order_line WHERE purchase_order_id = :key")


class PurchaseOrderChanges(TypedDict, total=False):
    """What is to be different; what is left out stays as it is."""

    location_id: LocationId | None
    external_ref: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePurchaseOrder:
    """Rewrite a draft; *lines* replace all of its lines."""

    idempotency_key: str
    purchase_order_id: PurchaseOrderId
    changes: PurchaseOrderChanges = field(default_factory=PurchaseOrderChanges)
    lines: tuple[LineToOrder, ...] | None = None
    expected_version: int | None = None


async def update_purchase_order(tx: Tx, command: UpdatePurchaseOrder) -> PurchaseOrderRow:
    """Rewrite a purchase order that nobody was sent, and return it; what is as it was to be is left alone.

    Raises: NotFound, VersionConflict, NotADraft, EmptyPurchaseOrder, TooManyItems, AmountTooLarge; Refused with all that is
    wrong with the header and the lines.
    """
    changes, given = command.changes, command.lines
    if given is not None:
        check_lines(given)
    check_header(changes.get("external_ref"), changes.get("note"))
    document, (locations, taken, written, articles) = await locked_purchase_order(
        tx, command.purchase_order_id, *_asking(command)
    )
    was = document.row
    check_version(command.expected_version, was.version)
    refuse_if(why_not_update(was.status))
    errors = header_refusals(tx, command, locations, taken=bool(taken))
    before = [OrderedLine(**dict(zip(OrderedLine.__slots__, line, strict=True))) for line in written]
    lines = before
    if given is not None:
        try:
            lines = decide_lines(articles_found(articles), given, was.currency)
        except OmsError as error:
            errors.append(error)
    if errors:
        raise Refused(errors=errors)
    return _write(tx, document, changed(was, **changes), lines, rewritten=lines != before)


def _asking(command: UpdatePurchaseOrder) -> list[Statement]:
    key, changes = command.purchase_order_id, command.changes
    return [
        LOCATION(location=changes.get("location_id")),
        TAKEN(key=key, reference=changes.get("external_ref")),
        WRITTEN(key=key),
        ARTICLES_OF(key=key, **named_articles(command.lines or ())),
    ]


def header_refusals(
    tx: Tx, command: UpdatePurchaseOrder, locations: Sequence[tuple[Any, ...]], *, taken: bool
) -> list[OmsError]:
    """Return what is wrong with the new header."""
    errors: list[OmsError] = []
    changes = command.changes
    if "location_id" in changes:
        if changes["location_id"] is None:
            errors.append(InvalidValue(problem="locationId cannot be null.", field=("locationId",)))
        else:
            errors.extend(location_refusals(tx, changes["location_id"], locations))
    if taken:
        reference = changes.get("external_ref") or ""
        errors.append(DuplicatePurchaseOrderRef(external_ref=reference, field=("externalRef",)))
    return errors


def _write(
    tx: Tx, document: PurchaseOrderDocument, row: PurchaseOrderRow, lines: list[OrderedLine], *, rewritten: bool
) -> PurchaseOrderRow:
    moved = _moved(document.row, row)
    if not moved and not rewritten:
        return document.row
    row = changed(row, version=row.version + 1, total_minor=sum(line.total_minor for line in lines))
    tx.races = tx.races | {REFERENCE_TAKEN}
    tx.write(HEADER, [row])
    if rewritten:
        moved["lines"] = None, None
        tx.closing.append(FORGET(key=row.id))
        write_lines(tx, row.id, lines)
    places = tuple(dict.fromkeys((document.row.location_id, row.location_id)))
    tx.emit(PurchaseOrderChanged(subject_id=row.id, location_ids=places, supplier_ids=(row.supplier_id,), changes=moved))
    return row


def _moved(was: PurchaseOrderRow, row: PurchaseOrderRow) -> Changes:
    pairs = {
        "location.id": (text_id(IdKind.LOCATION, was.location_id), text_id(IdKind.LOCATION, row.location_id)),
        "external_ref": (was.external_ref, row.external_ref),
        "note": (was.note, row.note),
    }
    return {name: (before, after) for name, (before, after) in pairs.items() if before != after}
