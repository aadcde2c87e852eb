"""SKUs that a list is asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select

from oms_api.db.keyset import Ordering
from oms_api.db.session import Reader
from oms_api.db.sets import among, among_found
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.catalog.tables import SkuRow
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.declared.agreement import Column
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.filters import On
from oms_api.graphql.declared.gauging import Rare
from oms_api.graphql.declared.operators import MOST_VALUES
from oms_api.graphql.declared.through import Through
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import TooManyItems
from oms_api.kernel.ids import SkuId


async def skus_named(read: Reader, given: Sequence[SkuByInput]) -> tuple[SkuId, ...]:
    """Return the ids of the SKUs *given*. Raises: TooManyItems, UnknownSku, NotFound."""
    wanted = sku_references(given, "skus")
    found = await skus_by_reference(read, wanted)
    for index, reference in enumerate(wanted):
        if reference not in found:
            raise reference.unknown("skus", str(index))
    return tuple({sku.id for sku in found.values()})


@dataclass(frozen=True)
class OnSkus(Filter):
    """A filter by SKUs, each named by its id or its code."""

    column: Column
    through: Through | None = None

    def operators(self) -> Any:
        """Return the type of what a client writes."""
        return list[SkuByInput]

    def checked(self, asked: Sequence[SkuByInput]) -> Sequence[SkuRef]:
        """Return the references in *asked*. Raises: TooManyItems."""
        return sku_references(asked)

    def looks(self, _asked: Any) -> bool:
        """Tell that the SKUs have to be looked up."""
        return True

    async def known(self, read: Reader, asked: Sequence[SkuRef]) -> Sequence[SkuId]:
        """Return the ids of those that exist: one alone as a tuple, for it leaves an index in its order."""
        found = list({sku.id for sku in (await skus_by_reference(read, asked)).values()})
        return tuple(found) if len(found) == 1 else found

    def conditions(self, asked: Sequence[SkuId], _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that the column holds one of them."""
        yield self.column == asked[0] if isinstance(asked, tuple) else among(self.column, asked)


def on_skus(column: Column, *, through: Through | None = None) -> Any:
    """Declare a filter of *column* by SKUs, each named by its id or its code: unknown ones match nothing."""
    return OnSkus(column, through)


@dataclass(frozen=True)
class OnSkuCode(On):
    """A filter on the code of a line's SKU: few of them are looked up by their SKU, whose code never changes."""

    sku_id: Any = None
    gauged: bool = True

    def conditions(self, asked: Any, sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that are *asked*."""
        if isinstance(asked, Rare):
            yield self._of(asked.asked)
        else:
            yield from super().conditions(asked, sight)

    def gauges(self, asked: Any, _order: Ordering | None) -> bool:
        """Tell whether SKUs are *asked* for whose lines an index finds."""
        return asked.eq_ is not None or asked.in_ is not None

    def rows(self, asked: Any) -> Any:
        """Return what selects the lines with these SKUs."""
        return select(literal_column("1")).select_from(self.column.table).where(self._of(asked))

    def _of(self, asked: Any) -> ColumnElement[bool]:
        return among_found(self.sku_id, select(SkuRow.id).where(*On(SkuRow.code).met(asked)))


def on_sku_code(sku_id: Column, code: Column, *, through: Through) -> Any:
    """Declare a filter on the *code* of the SKU of a line, whose id the line holds too."""
    return OnSkuCode(code, through, sku_id=sku_id)


def sku_references(given: Sequence[SkuByInput], *path: str) -> list[SkuRef]:
    """Return the references *given* at *path*. Raises: TooManyItems."""
    if len(given) > MOST_VALUES:
        raise TooManyItems(limit=MOST_VALUES, given=len(given), field=path)
    return [sku.to_reference() for sku in given]
