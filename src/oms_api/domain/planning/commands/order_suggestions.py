"""Ordering suggestions: purchase orders are written of them, all or none, and each suggestion once."""

from uuid import UUID

from oms_api.db.relations import by
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Reader, Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.queries import skus_by_id
from oms_api.domain.planning.errors import AlreadyOrdered
from oms_api.domain.planning.purchases import WantedSuggestion, named, purchases_of
from oms_api.domain.planning.queries import suggestions_by_id
from oms_api.domain.planning.tables import StockPlanLineRow, SuggestionOrderRow
from oms_api.domain.purchasing.commands.create import CreatePurchaseOrder, create_purchase_order
from oms_api.domain.purchasing.drafting import check_header
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import PurchaseOrderId, StockPlanLineId, new_uuid

ALONE = Sql("SELECT pg_advisory_xact_lock(hashtextextended('order_suggestions', 0))")
"""Whoever orders suggestions does it alone: two plans may suggest the same, and no row says so before it is ordered."""
ORDERED = Sql("""
SELECT DISTINCT ON (wanted.id) wanted.id, parent.number, parent.id
FROM stock_plan_line wanted JOIN stock_plan plan ON plan.id = wanted.plan_id
JOIN stock_plan_line line ON line.level_id = wanted.level_id AND line.purchase_order_id IS NOT NULL
JOIN purchase_order parent ON parent.id = line.purchase_order_id AND parent.status <> 'CANCELED'
 AND parent.location_id = line.location_id
JOIN purchase_order_line kept ON kept.purchase_order_id = parent.id AND kept.sku_id = line.sku_id
WHERE wanted.id = ANY (:suggestions::uuid[]) AND (line.id = wanted.id OR parent.recorded_at > plan.at)
ORDER BY wanted.id, parent.number DESC
""")
suggestion_orders_by_id = by(SuggestionOrderRow.id)
ACTS, MARKED = inserts(SuggestionOrderRow), updates(StockPlanLineRow, "purchase_order_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSuggestions:
    """Write purchase orders of suggestions, with a remark on each."""

    idempotency_key: str
    wanted: tuple[WantedSuggestion, ...]
    note: str | None = None


async def order_suggestions(tx: Tx, command: OrderSuggestions) -> SuggestionOrderRow:
    """Write a draft for each supplier and location, and mark the suggestions as ordered.

    Raises: Refused, with all that is wrong with the suggestions or with the purchase orders of them; then none is written.
    """
    check_header(None, command.note)
    await tx.fetch(ALONE())
    ids = [each.suggestion_id for each in command.wanted]
    known = await suggestions_by_id(tx, ids)
    ordered = {
        line: AlreadyOrdered(number=number, purchase_order_id=order)
        for line, number, order in await tx.fetch(ORDERED(suggestions=array(known)))
    }
    skus = await skus_by_id(tx, [line.sku_id for line in known.values()])
    errors: list[OmsError] = []
    made: dict[StockPlanLineId, PurchaseOrderId] = {}
    for (supplier, location), chosen in purchases_of(
        command.wanted, known, ordered, {key: sku.code for key, sku in skus.items() if sku is not None}
    ).items():
        purchase = CreatePurchaseOrder(
            idempotency_key=command.idempotency_key,
            supplier_id=supplier,
            location_id=location,
            lines=tuple(each.to_order for each in chosen),
            note=command.note,
        )
        try:
            order = await create_purchase_order(tx, purchase)
        except OmsError as error:
            errors += named(error, chosen)
        else:
            made |= {each.line.id: order.id for each in chosen}
    if errors:
        raise Refused(errors=errors)
    tx.write(MARKED, [{"id": line, "purchase_order_id": order} for line, order in made.items()])
    orders = list(dict.fromkeys(made.values()))
    return tx.put(ACTS, id=new_uuid(), purchase_order_ids=orders, actor=tx.actor, recorded_at=tx.now)


async def suggestion_order_by_id(read: Reader, key: UUID) -> SuggestionOrderRow:
    """Return an act of ordering suggestions."""
    found: SuggestionOrderRow = await suggestion_orders_by_id.of_one(read, key)
    return found
