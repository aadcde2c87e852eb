"""Sending a purchase order to its supplier: from now on its goods are incoming."""

from dataclasses import replace
from datetime import datetime, timedelta

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.errors import LocationInactive
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.ledger import make_levels
from oms_api.domain.purchasing.document import PurchaseOrderDocument
from oms_api.domain.purchasing.errors import SupplierInactive
from oms_api.domain.purchasing.ordering import WRITTEN_ARTICLES, supplied_no_more
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.domain.purchasing.verbs import SUBMIT
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import PurchaseOrderId
from oms_api.kernel.occurrence import occurred

PARTIES = Sql("""
SELECT supplier.code, supplier.status, location.code, location.status
FROM purchase_order JOIN supplier ON supplier.id = supplier_id JOIN location ON location.id = location_id
WHERE purchase_order.id = :purchase_order::uuid
""")
LEAD_TIMES = Sql("""
SELECT line.id, coalesce(article.lead_time_mean_days, supplier.lead_time_mean_days)
FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id
JOIN supplier ON supplier.id = parent.supplier_id
LEFT JOIN supplier_sku article ON article.supplier_id = parent.supplier_id AND article.sku_id = line.sku_id
WHERE line.purchase_order_id = :purchase_order::uuid
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPurchaseOrder:
    """Send a draft to its supplier."""

    idempotency_key: str
    purchase_order_id: PurchaseOrderId
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def submit_purchase_order(tx: Tx, command: SubmitPurchaseOrder) -> PurchaseOrderRow:
    """Order what a draft says, and return it; lines without an expected date get one by the lead time, where one is known.

    The levels that the goods come to are there from now on, and show them as incoming.
    Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly, MissingScope; Refused with all that cannot be ordered any
    more since the draft was written.
    """
    at = tx.business_time(command.occurred_at)
    key = command.purchase_order_id
    asking = (PARTIES(purchase_order=key), LEAD_TIMES(purchase_order=key), WRITTEN_ARTICLES(purchase_order=key))
    async with changing(tx, PurchaseOrderDocument, SUBMIT, key, command.expected_version, *asking) as order:
        parties, leads, articles = order.asked
        errors = [*inactive(*parties[0]), *supplied_no_more(articles)]
        if errors:
            raise Refused(errors=[replace(error, field=("purchaseOrderId",)) for error in errors])
        not_before, what = order.last_step
        order.at = at = occurred(at, command.occurred_at, not_before=not_before, what=what)
        for line_id, days in leads:
            line = order.lines[line_id]
            if line.expected_at is None and days is not None:
                order.lines[line_id] = replace(line, expected_at=at + timedelta(days=float(days)))
        order.row.ordered_at = at
        order.move(PurchaseOrderStatus.ORDERED)
    make_levels(tx, [(line.sku_id, order.row.location_id) for line in order.lines.values()])
    return order.row


def inactive(supplier: str, supplier_status: str, location: str, location_status: str) -> list[OmsError]:
    """Return which of the parties takes part in nothing new."""
    errors: list[OmsError] = []
    if supplier_status != Activity.ACTIVE.value:
        errors.append(SupplierInactive(supplier=supplier))
    if location_status != Activity.ACTIVE.value:
        errors.append(LocationInactive(location=location))
    return errors
