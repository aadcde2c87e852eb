"""What can be wrong with plans."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class NoPlan(OmsError):
    """There is no finished plan yet: make one with stockPlanCreate."""

    code = "NO_PLAN"


@dataclass(eq=False)
class NoSupplier(OmsError):
    """No active supplier is known for the SKU '{sku}': say who supplies it with supplierSkuUpsert, and plan anew."""

    code = "NO_SUPPLIER"
    sku: str
