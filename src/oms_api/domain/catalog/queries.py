"""Reads of SKUs."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, by, of
from oms_api.domain.catalog.tables import Sku, SkuComponent
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import SkuId

BY_CODE = Ordering("code", (Sku.code,), bytewise=True)
LAST_CHANGED_FIRST = Ordering("changed", (Sku.updated_at, Sku.id), descending=True)
COMPONENT_ORDER = Ordering("component", (SkuComponent.bundle_id, SkuComponent.component_id))


def visible_to(_sight: Sight) -> Sequence[ColumnElement[bool]]:
    """Return no limit: everybody sees the catalog."""
    return ()


skus_by_id: One[SkuId, Sku] = by(Sku.id)
"""The SKUs that exist."""
skus_by_code: One[str, Sku] = by(Sku.code)
"""The SKUs that exist, by their codes."""
components_by_bundle: Several[SkuId, SkuComponent] = of(SkuComponent.bundle_id, order=COMPONENT_ORDER)
"""The components of each bundle."""
