"""Writing a purchase order: a draft, until it is submitted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.drafting import LOCATION, REFERENCE_TAKEN, check_header, location_refusals, write_lines
from oms_api.domain.purchasing.errors import DuplicatePurchaseOrderRef, SupplierInactive
from oms_api.domain.purchasing.events import PurchaseOrderCreated
from oms_api.domain.purchasing.given import check_currency
from oms_api.domain.purchasing.ordering import (
    ARTICLES_OF_SUPPLIER,
    LineToOrder,
    OrderedLine,
    articles_found,
    check_lines,
    decide_lines,
    named_articles,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, PurchaseOrderId, SupplierId, text_id

SUPPLIER = Sql("SELECT code, status, currency FROM supplier WHERE id = :supplier::uuid")
NUMBER = Sql("""
SELECT nextval('purchase_order_number'),
       (SELECT id FROM purchase_order WHERE supplier_id = :supplier::uuid AND external_ref = :reference::text)
""")
HEADERS = inserts(PurchaseOrderRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePurchaseOrder:
    """Write a purchase order to a supplier for a location; without *currency* in the supplier's."""

    idempotency_key: str
    supplier_id: SupplierId
    location_id: LocationId
    lines: tuple[LineToOrder, ...]
    currency: str | None = None
    external_ref: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None


async def create_purchase_order(tx: Tx, command: CreatePurchaseOrder) -> PurchaseOrderRow:
    """Write a purchase order: it is a DRAFT, and nothing is incoming yet.

    Raises: Refused with all that is wrong; EmptyPurchaseOrder, TooManyItems, AmountTooLarge, MissingScope.
    """
    at = tx.business_time(command.occurred_at)
    check_lines(command.lines)
    check_header(command.external_ref, command.note)
    supplier = command.supplier_id
    suppliers, locations, ((number, taken),), articles = await tx.flush(
        [
            SUPPLIER(supplier=supplier),
            LOCATION(location=command.location_id),
            NUMBER(supplier=supplier, reference=command.external_ref),
            ARTICLES_OF_SUPPLIER(supplier=supplier, **named_articles(command.lines)),
        ]
    )
    currency, errors = parties(tx, command, suppliers, locations)
    if taken is not None and command.external_ref is not None and tx.principal.sees_supplier(command.supplier_id):
        errors.append(DuplicatePurchaseOrderRef(external_ref=command.external_ref, field=("externalRef",)))
    lines: list[OrderedLine] = []
    if currency is not None:
        try:
            lines = decide_lines(articles_found(articles), command.lines, currency)
        except OmsError as error:
            errors.append(error)
    if errors or currency is None:
        raise Refused(errors=errors)
    row = tx.put(
        HEADERS,
        id=tx.new_id(PurchaseOrderId),
        number=number,
        supplier_id=supplier,
        location_id=command.location_id,
        external_ref=command.external_ref,
        status=PurchaseOrderStatus.DRAFT,
        currency=currency,
        total_minor=sum(line.total_minor for line in lines),
        note=command.note,
        version=1,
        actor=tx.actor,
        created_at=at,
        recorded_at=tx.now,
    )
    tx.races = tx.races | {REFERENCE_TAKEN}
    write_lines(tx, row.id, lines)
    tx.emit(
        PurchaseOrderCreated(
            subject_id=row.id,
            location_ids=(row.location_id,),
            supplier_ids=(row.supplier_id,),
            changes={"status": (None, row.status)},
            occurred_at=at,
        )
    )
    return row


def parties(
    tx: Tx, command: CreatePurchaseOrder, suppliers: Sequence[tuple[Any, ...]], locations: Sequence[tuple[Any, ...]]
) -> tuple[str | None, list[OmsError]]:
    """Return the currency of the order, None where it has no supplier or is in none, and what is wrong with the parties."""
    errors: list[OmsError] = []
    currency: str | None = None
    if not suppliers or not tx.principal.sees_supplier(command.supplier_id):
        given = text_id(IdKind.SUPPLIER, command.supplier_id)
        errors.append(NotFound(what="supplier", given=given, field=("supplierId",)))
    else:
        ((code, status, usual),) = suppliers
        currency = usual if command.currency is None else command.currency
        if status != Activity.ACTIVE.value:
            errors.append(SupplierInactive(supplier=code, field=("supplierId",)))
        try:
            check_currency(currency, "currencyCode")
        except OmsError as error:
            errors.append(error)
            currency = None
    errors.extend(location_refusals(tx, command.location_id, locations))
    return currency, errors
