"""Rewriting a draft: its lines are replaced as a set."""

from collections.abc import Sequence
from dataclasses import field
from typing import Any, TypedDict

from oms_api.db.documents import changing
from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.purchasing.document import PurchaseOrderDocument
from oms_api.domain.purchasing.drafting import LOCATION, REFERENCE_TAKEN, check_header, location_refusals, write_lines
from oms_api.domain.purchasing.errors import DuplicatePurchaseOrderRef
from oms_api.domain.purchasing.ordering import (
    ARTICLES,
    LineToOrder,
    OrderedLine,
    articles_found,
    check_lines,
    decide_lines,
    named_articles,
)
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.domain.purchasing.verbs import UPDATE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import LocationId, PurchaseOrderId

TAKEN = Sql("""
SELECT other.id FROM purchase_order other
WHERE other.supplier_id = (SELECT supplier_id FROM purchase_order WHERE id = :key::uuid)
  AND other.external_ref = :reference::text AND other.id <> :key::uuid
""")
ARTICLES_OF = Sql(ARTICLES.format(supplier="(SELECT supplier_id FROM purchase_order WHERE id = :key::uuid)"))
WRITTEN = Sql(f"""
SELECT {", ".join(OrderedLine.__slots__)} FROM purchase_order_line WHERE purchase_order_id = :key::uuid ORDER BY position
""")  # noqa: S608 - our own columns
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
    key, version = command.purchase_order_id, command.expected_version
    async with changing(tx, PurchaseOrderDocument, UPDATE, key, version, *_asking(command)) as order:
        locations, taken, written, articles = order.asked
        errors = header_refusals(tx, command, locations, taken=bool(taken))
        before = [OrderedLine(**dict(zip(OrderedLine.__slots__, line, strict=True))) for line in written]
        lines = before
        if given is not None:
            try:
                lines = decide_lines(articles_found(articles), given, order.was.currency)
            except OmsError as error:
                errors.append(error)
        if errors:
            raise Refused(errors=errors)
        for name, value in changes.items():
            setattr(order.row, name, value)
        order.row.total_minor = sum(line.total_minor for line in lines)
        tx.races = tx.races | {REFERENCE_TAKEN}
        if lines != before:
            order.also("lines", None, None)
            tx.closing.append(FORGET(key=key))
            write_lines(tx, key, lines)
    return order.row


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
