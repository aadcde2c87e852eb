"""How callers name a SKU."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Select, or_, select

from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.domain.catalog.errors import UnknownSku
from oms_api.domain.catalog.tables import SkuRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError
from oms_api.kernel.ids import IdKind, SkuId, text_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuRef:
    """A SKU by one of its id and its code."""

    id: SkuId | None = None
    code: str | None = None

    @property
    def given(self) -> str:
        """The id or code, as the caller gave it."""
        return (self.code or "") if self.id is None else text_id(IdKind.SKU, self.id)

    def unknown(self, *path: str | int) -> OmsError:
        """Return the error that there is no such SKU."""
        if self.id is not None:
            return NotFound(what="SKU", given=text_id(IdKind.SKU, self.id)).at(*path, "id")
        return UnknownSku(given=self.code or "").at(*path, "code")


@statement
def _named(ids: list[SkuId], codes: list[str]) -> Select[SkuRow]:
    return select(SkuRow).where(or_(among(SkuRow.id, ids), among(SkuRow.code, codes)))


async def skus_by_reference(read: Reader, references: Iterable[SkuRef]) -> Mapping[SkuRef, SkuRow]:
    """Return the SKUs among *references* that exist, in one statement."""
    wanted = set(references)
    ids = [ref.id for ref in wanted if ref.id is not None]
    codes = [ref.code for ref in wanted if ref.code is not None and "\0" not in ref.code]
    found: dict[SkuRef, SkuRow] = {}
    for sku in await read.all(_named(ids, codes)):
        found[SkuRef(id=sku.id)] = found[SkuRef(code=sku.code)] = sku
    return found


async def sku_named(read: Reader, reference: SkuRef, *path: str) -> SkuRow:
    """Return the SKU. Raises: UnknownSku or NotFound, at *path*."""
    found = await skus_by_reference(read, [reference])
    if reference not in found:
        raise reference.unknown(*path)
    return found[reference]
