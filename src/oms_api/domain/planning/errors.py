"""Errors of plans."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import PurchaseOrderId


@dataclass(eq=False)
class NoPlan(OmsError):
    """There is no finished plan yet: make a plan with stockPlanCreate."""

    code = "NO_PLAN"


@dataclass(eq=False)
class NoSupplier(OmsError):
    """No active supplier is known for the SKU '{sku}': record one with supplierSkuUpsert, and plan again.

    No active supplier is known for the SKU: record one with `supplierSkuUpsert`, and plan again.
    """

    code = "NO_SUPPLIER"
    sku: str


@dataclass(eq=False)
class AlreadyOrdered(OmsError):
    """Purchase order {number} already covers this suggestion, or its level since the plan: cancel it, or make a new plan.

    Either this suggestion was already ordered, or another suggestion for the same SKU and location was ordered after the plan
    was requested. To order again, cancel that purchase order, or make a new plan.
    """

    code = "ALREADY_ORDERED"
    number: int
    purchase_order_id: PurchaseOrderId
