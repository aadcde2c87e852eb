"""Why stock numbers are corrected: codes that people choose."""

from sqlalchemy import Select, select

from oms_api.db.relations import One, by
from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.domain.inventory.errors import UnknownReason, WrongReason
from oms_api.domain.inventory.states import ReasonDirection
from oms_api.domain.inventory.tables import InventoryReasonRow
from oms_api.kernel.ids import InventoryReasonId

SAID = {ReasonDirection.MORE: "more", ReasonDirection.FEWER: "fewer"}


reasons_by_id: One[InventoryReasonId, InventoryReasonRow] = by(InventoryReasonRow.id)
reasons_by_code: One[str, InventoryReasonRow] = by(InventoryReasonRow.code)


@statement
def all_reasons() -> Select[InventoryReasonRow]:
    """Every reason by code, those out of use too."""
    return select(InventoryReasonRow).order_by(InventoryReasonRow.code)


async def reason_in_use(read: Reader, code: str) -> InventoryReasonRow:
    """Return the reason with *code*. Raises: UnknownReason, also for one that is out of use."""
    found = None if "\0" in code else await reasons_by_code.of_one(read, code)
    if found is None or not found.active:
        raise UnknownReason(given=code, field=("reason",))
    return found


def wrong_reason(reason: InventoryReasonRow, delta: int) -> WrongReason | None:
    """Return the error that *reason* does not explain *delta* units more (or, negative, fewer), or None where it does."""
    if reason.direction.explains(delta):
        return None
    given = ReasonDirection.MORE if delta > 0 else ReasonDirection.FEWER
    return WrongReason(reason=reason.code, direction=SAID[reason.direction], units=abs(delta), given=SAID[given])
