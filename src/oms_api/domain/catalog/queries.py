"""Reads of SKUs."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, by, of
from oms_api.domain.catalog.tables import SkuComponentRow, SkuRow
from oms_api.kernel.ids import SkuId

BY_CODE = Ordering("code", (SkuRow.code,), bytewise=True)
LAST_CHANGED_FIRST = Ordering("changed", (SkuRow.updated_at, SkuRow.id), descending=True)
COMPONENT_ORDER = Ordering("component", (SkuComponentRow.bundle_id, SkuComponentRow.component_id))


skus_by_id: One[SkuId, SkuRow] = by(SkuRow.id)
"""The SKUs that exist."""
components_by_bundle: Several[SkuId, SkuComponentRow] = of(SkuComponentRow.bundle_id, order=COMPONENT_ORDER)
"""The components of each bundle."""
