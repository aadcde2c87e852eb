"""SKUs that a list is asked for."""

from collections.abc import Sequence

from oms_api.db.session import Reader
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.filters import MOST_VALUES
from oms_api.kernel.errors import TooManyItems
from oms_api.kernel.ids import SkuId


async def skus_named(read: Reader, given: Sequence[SkuByInput]) -> tuple[SkuId, ...]:
    """Return the ids of the SKUs *given*. Raises: TooManyItems, InvalidId, UnknownSku, NotFound."""
    wanted = sku_references(given, "skus")
    found = await skus_by_reference(read, wanted)
    for index, reference in enumerate(wanted):
        if reference not in found:
            raise reference.unknown("skus", str(index))
    return tuple({sku.id for sku in found.values()})


async def skus_of(read: Reader, given: Sequence[SkuByInput] | None) -> tuple[SkuId, ...] | None:
    """Return the ids of the known SKUs among those *given* in a filter. Raises: TooManyItems, InvalidId."""
    if given is None:
        return None
    return tuple({sku.id for sku in (await skus_by_reference(read, sku_references(given, "where", "skus"))).values()})


def sku_references(given: Sequence[SkuByInput], *path: str) -> list[SkuRef]:
    """Return the references *given* at *path*. Raises: TooManyItems, InvalidId."""
    if len(given) > MOST_VALUES:
        raise TooManyItems(limit=MOST_VALUES, given=len(given), field=path)
    return [sku.to_reference(*path, index) for index, sku in enumerate(given)]
