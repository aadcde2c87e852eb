"""Events of SKUs. Costs are named without their values."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class SkuCreated(Event):
    """A SKU was created."""

    type = "SKU_CREATED"
    subject = IdKind.SKU


@dataclass(frozen=True, kw_only=True)
class SkuChanged(Event):
    """A SKU or its status was changed."""

    type = "SKU_CHANGED"
    subject = IdKind.SKU
