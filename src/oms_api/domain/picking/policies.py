"""The order of a round, and the result of a pick. Pure."""

import re
from collections.abc import Sequence

from oms_api.domain.picking.errors import ExceedsWanted, LineConfirmed, ShortReasonMissing
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId, LineId, SkuId

NUMBER = re.compile("([0-9]+)")
MOST_WORKS, MOST_LINES = 250, 250
LONGEST_BIN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPick:
    """Units of a line that lie in a bin, if one is known, and the slot that they are put into."""

    work: FulfillmentOrderId
    work_line: FulfillmentOrderLineId
    line: LineId
    sku_id: SkuId
    sku: str
    bin: str | None
    units: int
    slot: int


def in_order(lines: Sequence[ToPick]) -> list[ToPick]:
    """Return lines by bin and SKU, numbers in names as numbers (A-2 before A-10), and those of no bin last."""
    return sorted(lines, key=lambda each: (each.bin is None, natural(each.bin or ""), natural(each.sku), each.slot))


def natural(name: str) -> list[tuple[int, str]]:
    """Return what names are compared by."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in NUMBER.split(name) if part]


def short_of(wanted: int, picked: int, reason: str | None, confirmed: int | None) -> int:
    """Return the missing units of a line of which *picked* were found, and so many are still *wanted*.

    *confirmed* is what was picked of it before. Raises: LineConfirmed, InvalidQuantity, ExceedsWanted, ShortReasonMissing.
    """
    if confirmed is not None:
        raise LineConfirmed(picked=confirmed)
    if picked < 0:
        raise InvalidQuantity(given=picked, least=0, field=("picked",))
    if picked > wanted:
        raise ExceedsWanted(wanted=wanted, picked=picked, field=("picked",))
    if picked < wanted and reason is None:
        raise ShortReasonMissing(short=wanted - picked, field=("shortReasonCode",))
    return wanted - picked
