"""Taking a SKU out of new business."""

from oms_api.db.session import Tx
from oms_api.db.versioned import change, locking
from oms_api.domain.catalog.events import SkuChanged
from oms_api.domain.catalog.states import SkuStatus
from oms_api.domain.catalog.tables import SkuRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, SkuId, text_id
from oms_api.kernel.naming import check_version

lock = locking(SkuRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateSku:
    """Let a SKU be ordered no more."""

    sku_id: SkuId
    expected_version: int | None = None


async def deactivate_sku(tx: Tx, command: DeactivateSku) -> SkuRow:
    """Make the SKU inactive, if it is not. Raises: NotFound, VersionConflict."""
    sku = await lock(tx, command.sku_id)
    if sku is None:
        raise NotFound(what="SKU", given=text_id(IdKind.SKU, command.sku_id), field=("id",))
    check_version(command.expected_version, sku.version)
    sku, moved = await change(tx, SkuRow, sku, {"status": SkuStatus.INACTIVE})
    if moved:
        tx.emit(SkuChanged(subject_id=sku.id, changes=moved))
    return sku
