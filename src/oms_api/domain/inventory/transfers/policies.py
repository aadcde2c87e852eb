"""What may be sent, received and called off, and what can be done with a transfer. Pure: queries ask the same as commands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.lots.errors import LotShort
from oms_api.domain.inventory.transfers.errors import (
    DiscrepancyUnexplained,
    ExceedsInTransit,
    ExceedsUnsent,
    NothingInTransit,
    NothingToSend,
    ResolutionNeeded,
    TransferEndHidden,
    TransferFixed,
)
from oms_api.domain.inventory.transfers.states import (
    TRANSFER,
    TransferDiscrepancy,
    TransferOutcome,
    TransferResolution,
    TransferStatus,
)
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import Piece, TransferDocument, TransferLine
from oms_api.kernel.access import Principal
from oms_api.kernel.actions import Action, ActionName
from oms_api.kernel.errors import (
    IllegalMove,
    InvalidQuantity,
    InvalidValue,
    LineTwice,
    NotFound,
    OmsError,
    Refused,
)
from oms_api.kernel.ids import IdKind, LocationId, TransferLineId, text_id
from oms_api.kernel.intake import check_length, check_quantity, refuse_if
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
class LineToReceive:
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

    def line(self, reference: SkuRef, lot: str | None = None) -> TransferLine:
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

    def take(self, line: TransferLine, units: int, lot: str | None, name: str) -> None:
        """Take *units* of a line, which a row gives as *name*. Raises: ExceedsInTransit, LotShort, naming that."""
        held = units if lot is None else self.lots.get((line.id, lot), 0)
        if units > held:
            raise LotShort(lot=lot or "", held=held, requested=units, field=(name,))
        if units > self.left[line.id]:
            raise ExceedsInTransit(in_transit=self.left[line.id], reported=units, field=(name,))
        self.left[line.id] -= units


def decide_shipment(document: TransferDocument, wanted: Sequence[LineToSend] | None) -> list[Piece]:
    """Return the units that leave: those *wanted*, or all that are still to be sent.

    Raises: IllegalMove, NothingToSend, InvalidValue, TooManyItems; Refused with all that is wrong with the rows.
    """
    refuse_if(why_not_ship(document.row, document.unsent))
    if wanted is None:
        return [Piece(line.id, Outcome.SENT, line.unsent) for line in document.lines.values() if line.unsent]
    check_length(wanted, "lines", MOST_LINES)
    named = Named(document)
    return list(each_row(wanted, lambda row, given: [to_send(named.line(given.sku), given, row)]))


def to_send(line: TransferLine, given: LineToSend, row: int) -> Piece:
    """Return the units of one row. Raises: InvalidQuantity, ExceedsUnsent."""
    check_quantity(given.quantity, "quantity")
    if given.quantity > line.unsent:
        raise ExceedsUnsent(unsent=line.unsent, requested=given.quantity, field=("quantity",))
    return Piece(line.id, Outcome.SENT, given.quantity, row=row)


def decide_receipt(document: TransferDocument, wanted: Sequence[LineToReceive] | None) -> list[Piece]:
    """Return what became of units on the way: what *wanted* says, or all of them arrived.

    Raises: IllegalMove, NothingInTransit, InvalidValue, TooManyItems; Refused with all that is wrong with the rows.
    """
    refuse_if(why_not_receive(document.row, document.in_transit))
    if wanted is None:
        return [Piece(line.id, Outcome.ARRIVED, line.in_transit) for line in document.lines.values() if line.in_transit]
    check_length(wanted, "lines", MOST_LINES)
    named, way = Named(document), OnTheWay(document)
    return list(each_row(wanted, lambda row, given: to_receive(named.line(given.sku, given.lot), given, row, way)))


def to_receive(line: TransferLine, given: LineToReceive, row: int, way: OnTheWay) -> list[Piece]:
    """Return what became of the units of one row, and take them from what is on the *way*.

    Raises: InvalidQuantity, ExceedsInTransit, LotShort, DiscrepancyUnexplained, InvalidValue.
    """
    check_note(given.note, "note")
    told = {Outcome.ARRIVED: given.received, Outcome.DAMAGED: given.damaged, Outcome.LOST: given.lost}
    for name in ("received", "damaged", "lost"):
        if getattr(given, name) < 0:
            raise InvalidQuantity(given=getattr(given, name), least=0, field=(name,))
    if not any(told.values()):
        raise InvalidQuantity(given=0, field=("received",))
    way.take(
        line, sum(told.values()), given.lot, next(name for name in ("received", "damaged", "lost") if getattr(given, name))
    )
    if given.reason is None and (given.damaged or given.lost):
        raise DiscrepancyUnexplained(field=("reason",))
    if given.reason is not None and not (given.damaged or given.lost):
        raise InvalidValue(problem="A reason explains damaged or lost units, and there are none.", field=("reason",))
    return [
        Piece(line.id, outcome, units, None if outcome is Outcome.ARRIVED else given.reason, given.note, row, given.lot)
        for outcome, units in told.items()
        if units
    ]


def decide_cancellation(
    document: TransferDocument, resolution: TransferResolution | None, wanted: Sequence[LineToSend] | None = None
) -> list[Piece]:
    """Return what becomes of units on the way: those *wanted*, or all that were not received, those to be sent among them.

    Raises: IllegalMove, NothingInTransit, ResolutionNeeded, InvalidValue, TooManyItems; Refused with all that is wrong with the
    rows.
    """
    refuse_if(why_not_cancel(document.row))
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
        *(Piece(line.id, Outcome.CALLED_OFF, line.unsent) for line in lines if line.unsent),
        *(Piece(line.id, ending, line.in_transit) for line in lines if line.in_transit),
    ]


def to_end(line: TransferLine, given: LineToSend, row: int, way: OnTheWay, ending: TransferOutcome) -> Piece:
    """Return the units of one row, taken from what is on the *way*. Raises: InvalidQuantity, ExceedsInTransit."""
    check_quantity(given.quantity, "quantity")
    way.take(line, given.quantity, None, "quantity")
    return Piece(line.id, ending, given.quantity, row=row)


def status_once_sent(status: TransferStatus) -> TransferStatus:
    """Return what a transfer becomes when units leave: a draft passes READY_TO_SHIP, what was received stays received."""
    return S.IN_TRANSIT if status in {S.DRAFT, S.READY_TO_SHIP} else status


def status_once_received(document: TransferDocument) -> TransferStatus:
    """Return what a transfer becomes when units are received."""
    return S.PARTIALLY_RECEIVED if document.in_transit or document.unsent else S.RECEIVED


def status_once_canceled(status: TransferStatus, *, rest: int = 0) -> TransferStatus:
    """Return what a transfer becomes when units are called off: with a *rest* on the way or to be sent it goes on.

    Without one it is over: something was received, or it is canceled.
    """
    if rest:
        return status
    return S.RECEIVED if status is S.PARTIALLY_RECEIVED else S.CANCELED


def why_not_change(row: TransferRow, *, plan: bool = False) -> OmsError | None:
    """Return why a transfer cannot be changed (its *plan*: locations and lines), or None."""
    may = row.status is S.DRAFT or (row.status.open and not plan)
    return None if may else TransferFixed(status=row.status.value, field=("transferId",))


def why_not_ready(row: TransferRow) -> OmsError | None:
    """Return why a transfer cannot be made ready to ship, or None."""
    return None if TRANSFER.allows(row.status, S.READY_TO_SHIP) else _illegal(row, S.READY_TO_SHIP)


def why_not_ship(row: TransferRow, unsent: int) -> OmsError | None:
    """Return why nothing of a transfer can be sent, or None."""
    if not (row.status is S.DRAFT or row.status.open):
        return _illegal(row, S.IN_TRANSIT)
    return None if unsent else NothingToSend(field=("transferId",))


def why_not_receive(row: TransferRow, in_transit: int) -> OmsError | None:
    """Return why nothing of a transfer can be received, or None."""
    if row.status not in {S.IN_TRANSIT, S.PARTIALLY_RECEIVED}:
        return _illegal(row, S.RECEIVED)
    return None if in_transit else NothingInTransit(field=("transferId",))


def why_not_cancel(row: TransferRow) -> OmsError | None:
    """Return why the rest of a transfer cannot be called off, or None."""
    return None if TRANSFER.allows(row.status, status_once_canceled(row.status)) else _illegal(row, S.CANCELED)


def why_hidden(principal: Principal, location_id: LocationId, end: str) -> OmsError | None:
    """Return why the caller may not act at an *end* of a transfer that it sees, or None."""
    return None if principal.sees_location(location_id) else TransferEndHidden(end=end, field=("transferId",))


def available_actions(row: TransferRow, *, unsent: int, in_transit: int, principal: Principal) -> list[Action]:
    """Return every action on a transfer with so many units, and why the caller cannot do it now."""
    origin = why_hidden(principal, row.origin_id, "origin")
    destination = why_hidden(principal, row.destination_id, "destination")
    return [
        Action(ActionName.UPDATE_TRANSFER, why_not_change(row) or origin),
        Action(ActionName.MARK_TRANSFER_READY, why_not_ready(row) or origin),
        Action(ActionName.SHIP_TRANSFER, why_not_ship(row, unsent) or origin),
        Action(ActionName.RECEIVE_TRANSFER, why_not_receive(row, in_transit) or destination),
        Action(ActionName.CANCEL_TRANSFER, why_not_cancel(row) or origin),
    ]


def each_row(rows: Sequence[Row], decide: Callable[[int, Row], Iterable[Piece]]) -> Iterator[Piece]:
    """Yield what *decide* says of each row. Raises: Refused, with all that it refuses."""
    errors: list[OmsError] = []
    for index, given in enumerate(rows):
        try:
            yield from decide(index, given)
        except OmsError as error:
            errors.append(error.at("lines", index))
    if errors:
        raise Refused(errors=errors)


def _illegal(row: TransferRow, target: TransferStatus) -> OmsError:
    return IllegalMove(what=TRANSFER.what, current=row.status.value, target=target.value, field=("transferId",))
