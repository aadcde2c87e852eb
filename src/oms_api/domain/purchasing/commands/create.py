"""Writing a purchase order: a draft, until it is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oms_api.db.engine import dump_json
from oms_api.db.session import Tx
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.document import PURCHASE_ORDERS, purchase_order_event
from oms_api.domain.purchasing.drafting import LOCATION, REFERENCE_TAKEN, check_header, line_rows, location_refusals
from oms_api.domain.purchasing.errors import DuplicatePurchaseOrderRef, SupplierInactive
from oms_api.domain.purchasing.events import PurchaseOrderCreated
from oms_api.domain.purchasing.intake import check_currency
from oms_api.domain.purchasing.ordering import (
    LineToOrder,
    OrderedLine,
    articles_found,
    asking_for_articles,
    check_lines,
    decide_lines,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.errors import NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, PurchaseOrderId, SupplierId, text_id

SUPPLIER = "SELECT code, status, currency FROM supplier WHERE id = $1::uuid"
NUMBER = """
SELECT nextval('purchase_order_number'),
       (SELECT id FROM purchase_order WHERE supplier_id = $1::uuid AND external_ref = $2::text)
"""
RECORD = """
WITH document AS (
    INSERT INTO purchase_order (id, number, supplier_id, location_id, external_ref, status, currency, total_minor, note, actor,
                                created_at, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
)
INSERT INTO purchase_order_line (id, purchase_order_id, position, sku_id, supplier_code, quantity, unit_cost, total_minor,
                                 over_receipt_percent, expected_at)
SELECT id, $1, position, sku_id, supplier_code, quantity, unit_cost, total_minor, over_receipt_percent, expected_at
FROM jsonb_to_recordset($13::jsonb) AS row (id uuid, position int, sku_id uuid, supplier_code text, quantity int,
    unit_cost numeric, total_minor bigint, over_receipt_percent numeric, expected_at timestamptz)
"""


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
    suppliers, locations, ((number, taken),), articles = await tx.flush([
        (SUPPLIER, (command.supplier_id,)),
        (LOCATION, (command.location_id,)),
        (NUMBER, (command.supplier_id, command.external_ref)),
        asking_for_articles(command.supplier_id, command.lines),
    ])  # fmt: skip
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
    row = PURCHASE_ORDERS.record((
        tx.new_id(PurchaseOrderId), number, command.supplier_id, command.location_id, command.external_ref, None,
        PurchaseOrderStatus.DRAFT, currency, sum(line.total_minor for line in lines), command.note, None, 1,
        tx.actor, at, None, None, None, None, tx.now,
    ))  # fmt: skip
    tx.races = tx.races | {REFERENCE_TAKEN}
    tx.closing.append((RECORD, (
        row.id, row.number, row.supplier_id, row.location_id, row.external_ref, row.status, row.currency, row.total_minor,
        row.note, row.actor, at, tx.now, dump_json(line_rows(tx, lines)).decode(),
    )))  # fmt: skip
    tx.emit(purchase_order_event(PurchaseOrderCreated, row, {"status": (None, row.status)}, at))
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
