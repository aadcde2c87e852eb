"""Reading the reasons of orders, which are for all."""

from collections.abc import Collection

from sqlalchemy import Select, select

from oms_api.db.relations import One, by
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.domain.orders.reasons.errors import UnknownOrderReason
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.kernel.ids import OrderReasonId

SAID = {
    OrderReasonUse.CANCEL: "cancellations",
    OrderReasonUse.HOLD: "holds",
    OrderReasonUse.CHANGE: "changes",
    OrderReasonUse.REJECT: "rejections",
}

order_reasons_by_id: One[OrderReasonId, OrderReasonRow] = by(OrderReasonRow.id)


@statement
def all_reasons(use: OrderReasonUse | None) -> Select[OrderReasonRow]:
    """Every reason by use and code, those out of use too."""
    wanted = () if use is None else (OrderReasonRow.use == use,)
    return select(OrderReasonRow).where(*wanted).order_by(OrderReasonRow.use, OrderReasonRow.code)


@statement
def reasons_in_use(use: OrderReasonUse, codes: list[str]) -> Select[OrderReasonRow]:
    """The reasons that can be given now, of *codes*."""
    row = OrderReasonRow
    return select(row).where(row.use == use, row.active, among(row.code, codes))


async def known_reasons(read: Reader, use: OrderReasonUse, codes: Collection[str]) -> dict[str, OrderReasonRow]:
    """Return those of *codes* that can be given now for *use*, by code."""
    wanted = sorted({code for code in codes if "\0" not in code})
    return {row.code: row for row in await read.all(reasons_in_use(use, wanted))} if wanted else {}


def unknown(use: OrderReasonUse, code: str, *path: str) -> UnknownOrderReason:
    """Return the error that there is no such reason."""
    return UnknownOrderReason(given=code.replace("\0", "\\0"), use=SAID[use], field=path)


async def reason_in_use(read: Reader, use: OrderReasonUse, code: str, *path: str) -> OrderReasonRow:
    """Return the reason with *code*. Raises: UnknownOrderReason, also for one that is out of use."""
    found = (await known_reasons(read, use, [code])).get(code)
    if found is None:
        raise unknown(use, code, *path)
    return found


@statement
def reason_coded(use: OrderReasonUse, code: str) -> Select[OrderReasonRow]:
    """A reason by its use and code, one out of use too."""
    return select(OrderReasonRow).where(OrderReasonRow.use == use, OrderReasonRow.code == code)


async def reason_kept(read: Reader, use: OrderReasonUse, code: str) -> OrderReasonRow:
    """Return a reason that comes with the installation and is never deleted, whether it can be given by people or not."""
    return await read.one(reason_coded(use, code))
