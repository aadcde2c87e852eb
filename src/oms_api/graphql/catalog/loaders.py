"""Batch loaders around SKUs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.catalog.queries import components_by_bundle, skus_by_id
from oms_api.domain.catalog.tables import Sku, SkuComponent
from oms_api.graphql.context import BatchLoader


class SkuById(BatchLoader[UUID, Sku | None]):
    """SKUs."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Sku | None]:
        found = await skus_by_id(read, keys)
        return [found.get(key) for key in keys]


class ComponentsByBundle(BatchLoader[UUID, Sequence[SkuComponent]]):
    """What each bundle is made of."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Sequence[SkuComponent]]:
        found = await components_by_bundle(read, keys)
        return [found.get(key, ()) for key in keys]
