"""Why stock numbers are corrected: codes that people choose."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.errors import UnknownReason, WrongReason
from oms_api.domain.inventory.states import ReasonDirection
from oms_api.domain.inventory.tables import InventoryReason
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, InventoryReasonId, text_id

SAID = {ReasonDirection.MORE: "more", ReasonDirection.FEWER: "fewer"}


async def all_reasons(read: Reader) -> Sequence[InventoryReason]:
    """Return every reason by code, those out of use too."""
    return await read.all(select(InventoryReason).order_by(InventoryReason.code))


async def reasons_by_code(read: Reader, codes: Iterable[str]) -> Mapping[str, InventoryReason]:
    """Return the reasons among *codes* that exist."""
    wanted = [code for code in codes if "\0" not in code]
    return {row.code: row for row in await read.all(select(InventoryReason).where(among(InventoryReason.code, wanted)))}


async def reason_by_id(read: Reader, reason_id: InventoryReasonId) -> InventoryReason:
    """Return a reason. Raises: NotFound."""
    found = await read.one_or_none(select(InventoryReason).where(InventoryReason.id == reason_id))
    if found is None:
        raise NotFound(what="reason", given=text_id(IdKind.INVENTORY_REASON, reason_id))
    return found


async def reason_in_use(read: Reader, code: str) -> InventoryReason:
    """Return the reason with *code*. Raises: UnknownReason, also for one that is out of use."""
    found = (await reasons_by_code(read, [code])).get(code)
    if found is None or not found.active:
        raise UnknownReason(given=code, field=("reason",))
    return found


def wrong_reason(reason: InventoryReason, delta: int) -> WrongReason | None:
    """Return the error that *reason* does not explain *delta* units more (or, negative, fewer), or None where it does."""
    if reason.direction.explains(delta):
        return None
    given = ReasonDirection.MORE if delta > 0 else ReasonDirection.FEWER
    return WrongReason(reason=reason.code, direction=SAID[reason.direction], units=abs(delta), given=SAID[given])
