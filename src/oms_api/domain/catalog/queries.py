"""Reads of SKUs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.domain.catalog.tables import Sku, SkuComponent
from oms_api.kernel.paging import Page, PageRequest

BY_CODE = Ordering("code", (Sku.code,))
LAST_CHANGED_FIRST = Ordering("changed", (Sku.updated_at, Sku.id), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuFilter:
    """Which SKUs. `None` means any."""

    codes: tuple[str, ...] | None = None
    kinds: tuple[SkuKind, ...] | None = None
    statuses: tuple[SkuStatus, ...] | None = None


async def page_of_skus(read: Reader, where: SkuFilter, by: Ordering, page: PageRequest) -> Page[Sku]:
    """Return one page of SKUs."""
    statement = select(Sku)
    for column, values in ((Sku.code, where.codes), (Sku.kind, where.kinds), (Sku.status, where.statuses)):
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=by, page=page)


async def skus_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Sku]:
    """Return the SKUs among *ids* that exist."""
    return {sku.id: sku for sku in await read.all(select(Sku).where(among(Sku.id, ids)))}


async def skus_by_code(read: Reader, codes: Iterable[str]) -> Mapping[str, Sku]:
    """Return the SKUs among *codes* that exist."""
    return {sku.code: sku for sku in await read.all(select(Sku).where(among(Sku.code, codes)))}


async def components_by_bundle(read: Reader, bundles: Iterable[UUID]) -> Mapping[UUID, Sequence[SkuComponent]]:
    """Return the components of each of *bundles* that has any."""
    statement = select(SkuComponent).where(among(SkuComponent.bundle_id, bundles))
    found: dict[UUID, list[SkuComponent]] = {}
    for component in await read.all(statement.order_by(SkuComponent.bundle_id, SkuComponent.component_id)):
        found.setdefault(component.bundle_id, []).append(component)
    return found
