"""What of a return arrives, row by row of what a warehouse reports. Pure."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from oms_api.domain.inventory.lots.given import LotGiven, check_lot
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.returns.document import LineOfReturn, ReturnDocument
from oms_api.domain.returns.errors import NotAnnounced, ReturnLineUnnamed
from oms_api.domain.returns.policies import in_one
from oms_api.domain.returns.states import Disposition
from oms_api.kernel.checks import check_length, check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LineId, ReturnLineId, text_id

BUCKETS = {
    Disposition.RESTOCK: Bucket.FREE,
    Disposition.SCRAP: Bucket.DAMAGED,
    Disposition.INSPECT: Bucket.QUALITY_CONTROL,
}
"""Where units come to that came back, by what becomes of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLineToReceive:
    """Units of one line of a return, named by its own id or by that of the order's line (of a bundle: whole sets).

    Without a *disposition* they are for that of the whole receipt. Where *lot* is given they are of that.
    """

    quantity: int
    disposition: Disposition | None = None
    return_line_id: ReturnLineId | None = None
    line_id: LineId | None = None
    lot: LotGiven | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of one line of a return that came, and what becomes of them; *row* is where they were reported, if by row."""

    line: LineOfReturn
    quantity: int
    disposition: Disposition
    row: int | None = None
    lot: LotGiven | None = None


def decide_receipt(back: ReturnDocument, wanted: Sequence[ReturnLineToReceive] | None, otherwise: Disposition) -> list[Arrival]:
    """Return what arrives: the units *wanted*, or all that is expected; for *otherwise*, unless a row says more.

    Raises: InvalidValue, TooManyItems; Refused with all that is wrong with the lines.
    """
    if wanted is None:
        return [Arrival(line, line.expected, otherwise) for line in back.lines.values() if line.expected]
    check_length(wanted, "lines", MOST_LINES)
    arrivals = Arrivals(back, otherwise)
    for index, given in enumerate(wanted):
        try:
            arrivals.add(given, index)
        except OmsError as error:
            arrivals.errors.append(error.at("lines", index))
    if arrivals.errors:
        raise Refused(errors=arrivals.errors)
    return arrivals.chosen


class Arrivals:
    """The rows of a receipt, found one by one; one line may come in parts, by what becomes of them and by lots."""

    def __init__(self, back: ReturnDocument, otherwise: Disposition) -> None:
        self.otherwise = otherwise
        self.units = back.order.lines
        self.by_id = back.lines
        self.by_line = {line.line_id: line for line in back.lines.values()}
        self.left = {line.id: line.expected for line in back.lines.values()}
        self.seen: set[tuple[ReturnLineId, Disposition, str | None]] = set()
        self.chosen: list[Arrival] = []
        self.errors: list[OmsError] = []

    def add(self, given: ReturnLineToReceive, row: int) -> None:
        """Add one row.

        Raises: ReturnLineUnnamed, NotFound, LineTwice, InvalidQuantity, NotAnnounced, InvalidValue, TooManyItems.
        """
        parts, name = self.named(given)
        disposition = given.disposition or self.otherwise
        check_lot(given.lot)
        lot = None if given.lot is None else given.lot.code
        if lot is not None and (len(parts) > 1 or parts[0][0].sku_id is None):
            raise InvalidValue(problem="A lot is of one SKU: name the line of those goods.", field=("lot",))
        if any((line.id, disposition, lot) in self.seen for line, _ in parts):
            raise LineTwice(field=(name,))
        check_quantity(given.quantity, "quantity")
        expected = min(self.left[line.id] // each for line, each in parts)
        if given.quantity > expected:
            raise NotAnnounced(expected=expected, received=given.quantity, field=("quantity",))
        for line, each in parts:
            self.seen.add((line.id, disposition, lot))
            self.left[line.id] -= given.quantity * each
            self.chosen.append(Arrival(line, given.quantity * each, disposition, row, given.lot))

    def named(self, given: ReturnLineToReceive) -> tuple[list[tuple[LineOfReturn, int]], str]:
        """Return the lines of which one unit of the row consists, how many of each, and the field that names them."""
        match given.return_line_id, given.line_id:
            case UUID() as key, None:
                parts, kind, name = [(line, 1) for line in (self.by_id.get(key),) if line], IdKind.RETURN_LINE, "returnLineId"
            case None, UUID() as key:
                parts, kind, name = list(self.of_order_line(key)), IdKind.LINE, "lineId"
            case _:
                raise ReturnLineUnnamed
        if not parts:
            raise NotFound(what="line of this return", given=text_id(kind, key), field=(name,))
        return parts, name

    def of_order_line(self, key: LineId) -> Iterator[tuple[LineOfReturn, int]]:
        """Yield the return's lines for one unit of an order line; nothing, unless all that this takes was announced."""
        if key in self.units:
            parts = [(self.by_line.get(part.id), each) for part, each in in_one(self.units, self.units[key])]
            if all(line for line, _ in parts):
                yield from ((line, each) for line, each in parts if line)
