"""What of a purchase order is delivered, row by row of what a warehouse reports. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from oms_api.domain.inventory.lots.given import LotGiven, Lots, check_lot
from oms_api.domain.purchasing.document import Line, PurchaseOrderDocument
from oms_api.domain.purchasing.errors import NothingIncoming, OverReceipt, RejectReasonMissing
from oms_api.domain.purchasing.given import MOST_LINES
from oms_api.domain.purchasing.states import ReceiptBucket, RejectReason
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, PurchaseOrderLineId, SkuId, text_id
from oms_api.kernel.naming import check_note
from oms_api.kernel.quantities import LARGEST_QUANTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReceived:
    """Units of one line that were delivered; one line may come in parts, by the buckets they go to and by lots.

    Where rejected units are *replaced*, others will come for them.
    """

    line_id: PurchaseOrderLineId
    accepted: int
    rejected: int = 0
    reject_reason: RejectReason | None = None
    replaced: bool = False
    note: str | None = None
    bucket: ReceiptBucket = ReceiptBucket.FREE
    lot: LotGiven | None = None

    @property
    def part(self) -> tuple[PurchaseOrderLineId, ReceiptBucket, str | None]:
        """What is told once: the line, where its units go, and the lot they are of."""
        return self.line_id, self.bucket, None if self.lot is None else self.lot.code


@dataclass(frozen=True, slots=True)
class Delivered:
    """Units of one line that count as delivered; *row* is where they were reported, if by row."""

    given: LineReceived
    sku_id: SkuId
    row: int | None = None


def decide_receipt(
    document: PurchaseOrderDocument, wanted: Sequence[LineReceived] | None, otherwise: ReceiptBucket, lots: Lots
) -> list[Delivered]:
    """Count what is delivered in *document* and return it: the units *wanted*, or all that is open, accepted.

    The lots that they are of are taken in among *lots*.

    Raises: NothingIncoming, InvalidValue, TooManyItems; Refused with all that is wrong with the lines.
    """
    if wanted is None:
        return everything(document, otherwise)
    check_length(wanted, "lines", MOST_LINES, "leave them out")
    seen: set[tuple[PurchaseOrderLineId, ReceiptBucket, str | None]] = set()
    delivered: list[Delivered] = []
    errors: list[OmsError] = []
    for index, given in enumerate(wanted):
        try:
            line = taken_in(document.lines.get(given.line_id), given, seen)
            if given.lot is not None:
                lots.add(line.sku_id, given.lot)
        except OmsError as error:
            errors.append(error.at("lines", index))
        else:
            document.lines[line.id] = line
            delivered.append(Delivered(given, line.sku_id, index))
        seen.add(given.part)
    if errors:
        raise Refused(errors=errors)
    return delivered


def everything(document: PurchaseOrderDocument, bucket: ReceiptBucket) -> list[Delivered]:
    """Count all that is open as accepted, and return it. Raises: NothingIncoming."""
    came = [line for line in document.lines.values() if line.open]
    if not came:
        raise NothingIncoming(field=("purchaseOrderId",))
    document.lines |= {line.id: replace(line, accepted=line.accepted + line.open) for line in came}
    return [Delivered(LineReceived(line_id=line.id, accepted=line.open, bucket=bucket), line.sku_id) for line in came]


def taken_in(line: Line | None, given: LineReceived, seen: set[tuple[PurchaseOrderLineId, ReceiptBucket, str | None]]) -> Line:
    """Return *line* with the units of a row delivered.

    Raises: NotFound, LineTwice, InvalidQuantity, RejectReasonMissing, InvalidValue, TooManyItems, OverReceipt.
    """
    if line is None:
        named = text_id(IdKind.PURCHASE_ORDER_LINE, given.line_id)
        raise NotFound(what="line of this purchase order", given=named, field=("purchaseOrderLineId",))
    if given.part in seen:
        raise LineTwice(field=("purchaseOrderLineId",))
    check_units(given)
    check_note(given.note, "note")
    check_lot(given.lot)
    if line.accepted + given.accepted > line.most and given.accepted:
        raise OverReceipt(most=line.most, accepted=line.accepted, given=given.accepted, field=("accepted",))
    before = line.replaced if given.replaced else line.rejected
    if given.rejected > (most := LARGEST_QUANTITY - before):
        raise InvalidQuantity(given=given.rejected, least=0, largest=most, field=("rejected",))
    after = replace(line, accepted=line.accepted + given.accepted)
    if given.replaced:
        return replace(after, replaced=before + given.rejected)
    return replace(after, rejected=before + given.rejected)


def check_units(given: LineReceived) -> None:
    """Raises: InvalidQuantity, for less than nothing and for nothing at all; RejectReasonMissing; InvalidValue."""
    for name, units in (("accepted", given.accepted), ("rejected", given.rejected)):
        if units < 0:
            raise InvalidQuantity(given=units, least=0, field=(name,))
    if not given.accepted + given.rejected:
        raise InvalidQuantity(given=0, field=("accepted",))
    if given.rejected and given.reject_reason is None:
        raise RejectReasonMissing(field=("rejectReason",))
    if given.lot is not None and not given.accepted:
        raise InvalidValue(problem="Nothing is accepted, so there is no lot of it.", field=("lot",))
    if given.replaced and not given.rejected:
        raise InvalidValue(problem="Nothing is rejected, so nothing comes in its place.", field=("replaced",))
    if given.reject_reason is not None and not given.rejected:
        raise InvalidValue(problem="Nothing is rejected, so there is no reason for it.", field=("rejectReason",))
