"""Units of an order that are canceled together: which may be, what that frees, and its record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.backorders.settle import cancel_waiting
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.requests.errors import RequestAccepted
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.inventory.settle import Settled
from oms_api.domain.orders.dues import Share
from oms_api.domain.orders.errors import BundleComponent, NotCancelable, PickingBegan
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.orders.quantities import LineMoney, LineUnits, cancel, cancelable_sets, money_gone, units_per_set
from oms_api.domain.orders.states import CanceledStock, CancelReason, LineKind
from oms_api.domain.orders.tables import OrderCancellationLineRow, OrderCancellationRow
from oms_api.domain.orders.verbs import CANCEL, CANCEL_LINES, LIFE, OrderFacts
from oms_api.kernel.checks import check_length, check_quantity, refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import CancellationId, CancellationLineId, FulfillmentOrderId, IdKind, LineId, OrderId, text_id

CANCELLATIONS, LINES = inserts(OrderCancellationRow), inserts(OrderCancellationLineRow)


@dataclass(frozen=True, slots=True)
class LineToCancel:
    """Units of one line; of a bundle whole sets."""

    line_id: LineId
    quantity: int


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Units of an order that are canceled together: lines as they were *before*, and the stock that this *freed*."""

    id: CancellationId
    document: OrderDocument
    quantities: Mapping[LineId, int]
    ids: Mapping[LineId, CancellationLineId]
    before: Mapping[LineId, LineUnits]
    freed: Sequence[Settled]

    @classmethod
    def of(
        cls,
        tx: Tx,
        document: OrderDocument,
        quantities: Mapping[LineId, int],
        *,
        short: bool = False,
        work: FulfillmentOrderId | None = None,
    ) -> "Cancellation":
        """Cancel *quantities* in *document*: see `decide_cancellation`; where a *work* is named, of what that has to ship."""
        before = {key: document.lines[key] for key in quantities}
        ids = {key: tx.new_id(CancellationLineId) for key in quantities}
        freed = [
            settled
            for key, units in quantities.items()
            for settled in cancel_units(document, key, units, ids[key], short=short, work=work)
        ]
        document.settle()
        return cls(tx.new_id(CancellationId), document, quantities, ids, before, freed)

    @property
    def gone(self) -> dict[LineId, LineMoney]:
        """What the units cost, by line."""
        return {key: money_gone(line, self.document.lines[key]) for key, line in self.before.items()}

    @property
    def less(self) -> dict[LineId, Share]:
        """What the customer pays less for, by line; of bundles by component."""
        taxed, lines = self.document.order.prices_include_tax, self.document.lines
        return {
            key: Share(money.amount(prices_include_tax=taxed), money.shipping, money.tax)
            for key, money in self.gone.items()
            if lines[key].kind is not LineKind.BUNDLE
        }

    @property
    def changes(self) -> dict[str, tuple[object, object]]:
        """What it changes, as events publish it."""
        return {
            f"lines.{text_id(IdKind.LINE, key)}.canceled": (line.canceled, self.document.lines[key].canceled)
            for key, line in self.before.items()
        }

    def write(
        self,
        tx: Tx,
        order_id: OrderId,
        reason: CancelReason,
        stock: CanceledStock,
        note: str | None,
        at: datetime,
        reason_code: str | None = None,
    ) -> None:
        """Record it with its lines, in the last flush of *tx*."""
        tx.put(
            CANCELLATIONS,
            id=self.id,
            order_id=order_id,
            reason=reason,
            reason_code=reason_code,
            stock=stock,
            note=note,
            actor=tx.actor,
            occurred_at=at,
            recorded_at=tx.now,
        )
        tx.write(
            LINES, [_line_row(self.ids[key], self.id, key, self.quantities[key], share) for key, share in self.gone.items()]
        )

    def end_waiting(self, tx: Tx) -> None:
        """End the wait of units that are canceled, in the last flush of *tx*: levels are locked before backorders."""
        waited = ((key, line) for key, line in self.before.items() if line.kind.ships)
        cancel_waiting(tx, {key: line.backordered - self.document.lines[key].backordered for key, line in waited})


def decide_cancellation(
    document: OrderDocument, wanted: Sequence[LineToCancel] | None, *, short: bool = False
) -> dict[LineId, int]:
    """Return how many units of which lines are canceled, components after their bundle; of *short* ones picked ones, too."""
    status, lines = document.order.status, document.lines
    verb = CANCEL if wanted is None else CANCEL_LINES
    refuse_if(LIFE.why_not(verb, status, OrderFacts(status, lines.values(), document.order.external_ref)))
    in_hand = document.in_hand(short=short)
    if wanted is None:
        if any(map(document.agreed, _promised(document, document.lines))):
            raise RequestAccepted(field=("orderId",))
        if in_hand := {key: units for key, units in in_hand.items() if units}:
            raise PickingBegan(units=sum(in_hand.values()), field=("orderId",))
        return {line.id: line.cancelable for line in lines.values() if line.cancelable}
    check_length(wanted, "lines", MOST_LINES, "leave them out to cancel the order")
    quantities: dict[LineId, int] = {}
    errors: list[OmsError] = []
    for index, given in enumerate(wanted):
        try:
            for line, units in units_to_cancel(document, given, in_hand, quantities):
                quantities[line.id] = units
        except OmsError as error:
            errors.append(error.at("lines", index))
    if errors:
        raise Refused(errors=errors)
    return quantities


def units_to_cancel(
    document: OrderDocument, given: LineToCancel, in_hand: dict[LineId, int], chosen: dict[LineId, int]
) -> list[tuple[LineUnits, int]]:
    """Return the units of *given*, and of a bundle's components.

    Raises: NotFound, BundleComponent, LineTwice, InvalidQuantity, NotCancelable, RequestAccepted.
    """
    line = document.lines.get(given.line_id)
    if line is None:
        raise NotFound(what="line of this order", given=text_id(IdKind.LINE, given.line_id), field=("lineId",))
    if line.parent_id is not None:
        raise BundleComponent(field=("lineId",))
    if line.id in chosen:
        raise LineTwice(field=("lineId",))
    check_quantity(given.quantity, "quantity")
    parts = document.components(line.id)
    if line.kind is LineKind.BUNDLE:
        cancelable = cancelable_sets(line, parts, in_hand)
    else:
        cancelable = line.cancelable - in_hand.get(line.id, 0)
    if given.quantity > cancelable:
        if any(map(document.agreed, _promised(document, [line.id, *(part.id for part in parts)]))):
            raise RequestAccepted(field=("quantity",))
        raise NotCancelable(cancelable=cancelable, requested=given.quantity, field=("quantity",))
    return [(line, given.quantity), *((part, given.quantity * units_per_set(line, part)) for part in parts)]


def _promised(document: OrderDocument, lines: Iterable[LineId]) -> Iterable[Promise]:
    """Return what is promised to *lines* and is worked on."""
    return (promise for line in lines for promise in document.promises_of(line) if promise.in_fulfillment)


def cancel_units(
    document: OrderDocument,
    line_id: LineId,
    units: int,
    cause_id: CancellationLineId,
    *,
    short: bool = False,
    work: FulfillmentOrderId | None = None,
) -> list[Settled]:
    """Cancel units of one line in *document* and return the stock this frees; a bundle's line follows its components.

    Where they are *short*, or a *work* has to ship them, they are of those that were promised.
    """
    line = document.lines[line_id]
    if line.kind is LineKind.BUNDLE:
        document.touched_lines.add(line_id)
        return []
    kept = sum(each.in_fulfillment for each in document.promises_of(line_id) if work is None and document.agreed(each))
    less = cancel(line, units, promised_first=short or work is not None, kept=kept)
    document.set_line(less)
    freed = document.release(
        line_id,
        allocated=line.allocated - less.allocated,
        in_fulfillment=line.in_fulfillment - less.in_fulfillment,
        short=short,
        of=work,
    )
    return [Settled(level, quantity, cause_id) for level, quantity in freed]


def _line_row(
    key: CancellationLineId, cancellation_id: CancellationId, line_id: LineId, quantity: int, share: LineMoney
) -> Row:
    """Return the row of units of a line that are canceled, with their share of what the line cost."""
    return {
        "id": key,
        "cancellation_id": cancellation_id,
        "line_id": line_id,
        "quantity": quantity,
        "goods_minor": share.goods,
        "discount_minor": share.discount,
        "shipping_minor": share.shipping,
        "tax_minor": share.tax,
    }
