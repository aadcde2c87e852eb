"""What is sent, received and called off. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.lots.errors import LotShort
from oms_api.domain.inventory.transfers.document import TransferDocument
from oms_api.domain.inventory.transfers.errors import (
    DiscrepancyUnexplained,
    ExceedsInTransit,
    ExceedsUnsent,
    NothingInTransit,
    ResolutionNeeded,
)
from oms_api.domain.inventory.transfers.states import (
    TransferDiscrepancy,
    TransferOutcome,
    TransferResolution,
    TransferStatus,
)
from oms_api.domain.inventory.transfers.units import TransferPiece, UnitsOfTransfer
from oms_api.kernel.checks import check_length, check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import (
    InvalidQuantity,
    InvalidValue,
    LineTwice,
    NotFound,
    OmsError,
    Refused,
)
from oms_api.kernel.ids import IdKind, TransferLineId, text_id
from oms_api.kernel.naming import check_note

S, Outcome = TransferStatus, TransferOutcome
Row = TypeVar("Row")
MOST_LINES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToSend:
    """Units of one SKU, of a transfer that is planned, shipped or called off in part."""

    sku: SkuRef
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLineToReceive:
    """What became of units of one SKU on the way; with *lot* of those of the lot with that code."""

    sku: SkuRef
    received: int = 0
    damaged: int = 0
    lost: int = 0
    reason: TransferDiscrepancy | None = None
    note: str | None = None
    lot: str | None = None


class Named:
    """The lines of a transfer, as rows of an input name them by their SKUs, each once, or once for each lot and for none."""

    def __init__(self, document: TransferDocument) -> None:
        lines = document.lines.values()
        self.lines = {SkuRef(code=line.sku_code): line for line in lines} | {SkuRef(id=line.sku_id): line for line in lines}
        self.seen: set[tuple[TransferLineId, str | None]] = set()

    def line(self, reference: SkuRef, lot: str | None = None) -> UnitsOfTransfer:
        """Return the line that a row names. Raises: NotFound, LineTwice."""
        found = self.lines.get(reference)
        if found is None:
            given = reference.code if reference.id is None else text_id(IdKind.SKU, reference.id)
            raise NotFound(what="SKU of this transfer", given=given or "", field=("sku",))
        if (found.id, lot) in self.seen:
            raise LineTwice(field=("sku" if lot is None else "lot",))
        self.seen.add((found.id, lot))
        return found


class OnTheWay:
    """The units on the way that rows of an input tell of, one row after another."""

    def __init__(self, document: TransferDocument) -> None:
        self.left = {line.id: line.in_transit for line in document.lines.values()}
        self.lots = {(line, lot.code): lot.units for line, lots in document.lots.items() for lot in lots}

    def take(self, line: UnitsOfTransfer, units: int, lot: str | None, name: str) -> None:
        """Take *units* of a line, which a row gives as *name*. Raises: ExceedsInTransit, LotShort, naming that."""
        held = units if lot is None else self.lots.get((line.id, lot), 0)
        if units > held:
            raise LotShort(lot=lot or "", held=held, requested=units, field=(name,))
        if units > self.left[line.id]:
            raise ExceedsInTransit(in_transit=self.left[line.id], reported=units, field=(name,))
        self.left[line.id] -= units


def decide_shipment(document: TransferDocument, wanted: Sequence[LineToSend] | None) -> list[TransferPiece]:
    """Return the units that leave: those *wanted*, or all that are still to be sent.

    Raises: IllegalMove, NothingToSend, InvalidValue, TooManyItems; Refused with all that is wrong with the rows.
    """
    if wanted is None:
        return [TransferPiece(line.id, Outcome.SENT, line.unsent) for line in document.lines.values() if line.unsent]
    check_length(wanted, "lines", MOST_LINES)
    named = Named(document)
    return list(each_row(wanted, lambda row, given: [to_send(named.line(given.sku), given, row)]))


def to_send(line: UnitsOfTransfer, given: LineToSend, row: int) -> TransferPiece:
    """Return the units of one row. Raises: InvalidQuantity, ExceedsUnsent."""
    check_quantity(given.quantity, "quantity")
    if given.quantity > line.unsent:
        raise ExceedsUnsent(unsent=line.unsent, requested=given.quantity, field=("quantity",))
    return TransferPiece(line.id, Outcome.SENT, given.quantity, row=row)


def decide_receipt(document: TransferDocument, wanted: Sequence[TransferLineToReceive] | None) -> list[TransferPiece]:
    """Return what became of units on the way: what *wanted* says, or all of them arrived.

    Raises: IllegalMove, NothingInTransit, InvalidValue, TooManyItems; Refused with all that is wrong with the rows.
    """
    if wanted is None:
        return [TransferPiece(line.id, Outcome.ARRIVED, line.in_transit) for line in document.lines.values() if line.in_transit]
    check_length(wanted, "lines", MOST_LINES)
    named, way = Named(document), OnTheWay(document)
    return list(each_row(wanted, lambda row, given: to_receive(named.line(given.sku, given.lot), given, row, way)))


def to_receive(line: UnitsOfTransfer, given: TransferLineToReceive, row: int, way: OnTheWay) -> list[TransferPiece]:
    """Return what became of the units of one row, and take them from what is on the *way*.

    Raises: InvalidQuantity, ExceedsInTransit, LotShort, DiscrepancyUnexplained, InvalidValue.
    """
    check_note(given.note, "note")
    by_outcome = {Outcome.ARRIVED: given.received, Outcome.DAMAGED: given.damaged, Outcome.LOST: given.lost}
    for name in ("received", "damaged", "lost"):
        if getattr(given, name) < 0:
            raise InvalidQuantity(given=getattr(given, name), least=0, field=(name,))
    if not any(by_outcome.values()):
        raise InvalidQuantity(given=0, field=("received",))
    way.take(
        line,
        sum(by_outcome.values()),
        given.lot,
        next(name for name in ("received", "damaged", "lost") if getattr(given, name)),
    )
    if given.reason is None and (given.damaged or given.lost):
        raise DiscrepancyUnexplained(field=("reason",))
    if given.reason is not None and not (given.damaged or given.lost):
        raise InvalidValue(problem="A reason explains damaged or lost units, and there are none.", field=("reason",))
    return [
        TransferPiece(line.id, outcome, units, None if outcome is Outcome.ARRIVED else given.reason, given.note, row, given.lot)
        for outcome, units in by_outcome.items()
        if units
    ]


def decide_cancellation(
    document: TransferDocument, resolution: TransferResolution | None, wanted: Sequence[LineToSend] | None = None
) -> list[TransferPiece]:
    """Return what becomes of units on the way: those *wanted*, or all that were not received, those to be sent among them.

    Raises: IllegalMove, NothingInTransit, ResolutionNeeded, InvalidValue, TooManyItems; Refused with all that is wrong with the
    rows.
    """
    if wanted is not None and not document.in_transit:
        raise NothingInTransit(field=("transferId",))
    if document.in_transit and resolution is None:
        raise ResolutionNeeded(in_transit=document.in_transit, field=("resolution",))
    ending = Outcome.BROUGHT_BACK if resolution is TransferResolution.RETURN_TO_SOURCE else Outcome.LOST
    if wanted is not None:
        check_length(wanted, "lines", MOST_LINES)
        named, way = Named(document), OnTheWay(document)
        return list(each_row(wanted, lambda row, given: [to_end(named.line(given.sku), given, row, way, ending)]))
    lines = document.lines.values()
    return [
        *(TransferPiece(line.id, Outcome.CALLED_OFF, line.unsent) for line in lines if line.unsent),
        *(TransferPiece(line.id, ending, line.in_transit) for line in lines if line.in_transit),
    ]


def to_end(line: UnitsOfTransfer, given: LineToSend, row: int, way: OnTheWay, ending: TransferOutcome) -> TransferPiece:
    """Return the units of one row, taken from what is on the *way*. Raises: InvalidQuantity, ExceedsInTransit."""
    check_quantity(given.quantity, "quantity")
    way.take(line, given.quantity, None, "quantity")
    return TransferPiece(line.id, ending, given.quantity, row=row)


def once_over(status: TransferStatus) -> TransferStatus:
    """Return what a transfer becomes of which nothing is left: canceled, unless something was received."""
    return S.RECEIVED if status is S.PARTIALLY_RECEIVED else S.CANCELED


def each_row(rows: Sequence[Row], decide: Callable[[int, Row], Iterable[TransferPiece]]) -> Iterator[TransferPiece]:
    """Yield what *decide* says of each row. Raises: Refused, with all that it refuses."""
    errors: list[OmsError] = []
    for index, given in enumerate(rows):
        try:
            yield from decide(index, given)
        except OmsError as error:
            errors.append(error.at("lines", index))
    if errors:
        raise Refused(errors=errors)
