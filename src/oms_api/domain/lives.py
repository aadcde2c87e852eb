"""The lives of all documents, and the page that draws them."""

from collections.abc import Mapping
from typing import Any

from oms_api.domain.carriers.verbs import LIFE as LABEL
from oms_api.domain.events.verbs import LIFE as JOB
from oms_api.domain.fulfillment.requests.verbs import LIFE as FULFILLMENT_REQUEST
from oms_api.domain.fulfillment.verbs import LIFE as FULFILLMENT_ORDER
from oms_api.domain.intake.verbs import LIFE as ORDER_INTAKE
from oms_api.domain.inventory.counts.verbs import LIFE as STOCK_COUNT
from oms_api.domain.inventory.reservations.verbs import LIFE as RESERVATION
from oms_api.domain.inventory.transfers.verbs import LIFE as TRANSFER
from oms_api.domain.orders.changes.verbs import LIFE as ORDER_CHANGE
from oms_api.domain.orders.drafts.verbs import LIFE as ORDER_DRAFT
from oms_api.domain.orders.holds.verbs import LIFE as HOLD
from oms_api.domain.orders.verbs import LIFE as ORDER
from oms_api.domain.payments.verbs import LIFE as REFUND
from oms_api.domain.picking.verbs import LIFE as PICK_BATCH
from oms_api.domain.pickups.verbs import LIFE as PICKUP
from oms_api.domain.purchasing.verbs import LIFE as PURCHASE_ORDER
from oms_api.domain.returns.verbs import LIFE as RETURN
from oms_api.domain.shipping.verbs import LIFE as PACKAGE
from oms_api.kernel.verbs import Life

LIVES: Mapping[str, Life[Any, Any]] = {
    "Order drafts": ORDER_DRAFT,
    "Order intakes": ORDER_INTAKE,
    "Orders": ORDER,
    "Changes of orders": ORDER_CHANGE,
    "Holds": HOLD,
    "Fulfillment orders": FULFILLMENT_ORDER,
    "Requests to suppliers": FULFILLMENT_REQUEST,
    "Pick batches": PICK_BATCH,
    "Pickups": PICKUP,
    "Packages": PACKAGE,
    "Labels": LABEL,
    "Returns": RETURN,
    "Refunds": REFUND,
    "Reservations": RESERVATION,
    "Purchase orders": PURCHASE_ORDER,
    "Transfers": TRANSFER,
    "Stock counts": STOCK_COUNT,
    "Jobs": JOB,
}
PREFACE = """# States
Which status may follow which, drawn by `oms states` from the tables that the commands obey. An arrow names the actions
(see `availableActions`) that lead along it, or the event where it is no action of a caller.
"""


def drawn() -> str:
    """Return the page."""
    diagrams = (f"## {name}\n```mermaid\n{life.mermaid()}\n```\n" for name, life in LIVES.items())
    return "\n".join([PREFACE, *diagrams])
