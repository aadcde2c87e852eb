"""What a refund is of, by which its tax is known, and what of it the customer does not owe any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.rows import Row, inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.concessions import place_columns
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.amounts import amount_text, positive_minor
from oms_api.domain.orders.dues import Place, Share, cost
from oms_api.domain.orders.given import MOST_LINES, Amount
from oms_api.domain.orders.states import LineKind
from oms_api.domain.payments.errors import ExceedsPart
from oms_api.domain.payments.states import CONCEDING, RefundPartKind, RefundReason
from oms_api.domain.payments.tables import RefundPartRow, RefundRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LineId, new_uuid, text_id
from oms_api.kernel.money import split

K = RefundPartKind
PARTS = inserts(RefundPartRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartGiven:
    """An amount of a refund, and what it is of: a line by its id, shipping, fees, or the order as a whole."""

    kind: RefundPartKind
    amount: Amount
    line_id: LineId | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of a refund is of; what it *concedes* is not due any more. Negative, it is called off."""

    place: Place
    share: Share
    concedes: bool


def parts_given(document: OrderDocument, wanted: Sequence[PartGiven], reason: RefundReason) -> list[Part]:
    """Return the parts that a caller names; of a bundle those of its components.

    Raises: InvalidValue, TooManyItems; Refused with all that is wrong with the parts.
    """
    check_length(wanted, "parts", MOST_LINES)
    costs, whole = _costs(document, whole=False), _costs(document, whole=True)
    found: list[Part] = []
    errors: list[OmsError] = []
    for index, given in enumerate(wanted):
        try:
            amount = positive_minor(given.amount, document.order.currency)
            places = _places(document, given)
            if any(part.place in places for part in found):
                raise LineTwice(field=("lineId",) if given.line_id else ("kind",))
            concedes = given.kind is K.CONCESSION or reason in CONCEDING
            if concedes and given.kind is not K.CONCESSION:
                _check_capacity(document, costs, places, amount)
            shares = split(amount, [whole[place].amount for place in places])
            found += [
                Part(place, whole[place].part(part), concedes) for place, part in zip(places, shares, strict=True) if part
            ]
        except OmsError as error:
            errors.append(error.at("parts", index))
    if errors:
        raise Refused(errors=errors)
    return found


def parts_of(document: OrderDocument, amount: int, reason: RefundReason, values: Mapping[LineId, Share]) -> list[Part]:
    """Return the parts of a refund of which none are named: a concession, or shares of the *values* of what went.

    Of any other refund nothing is known.
    """
    if reason in CONCEDING:
        left = sum(cost(document.lines.values(), prices_include_tax=document.order.prices_include_tax).values(), Share())
        return [Part(K.CONCESSION, Share(amount, 0, left.part(amount).tax), concedes=True)]
    worth = {line: value for line, value in values.items() if value.amount > 0}
    shares = split(amount, [value.amount for value in worth.values()]) if worth else []
    return [
        Part(line, value.part(part), concedes=False) for (line, value), part in zip(worth.items(), shares, strict=True) if part
    ]


def called_off(parts: Sequence[Part], amount: int) -> list[Part]:
    """Return what calling *amount* off takes from each of *parts*, negative."""
    shares = split(amount, [part.share.amount for part in parts]) if parts else []
    return [
        Part(part.place, Share() - part.share.part(less), part.concedes)
        for part, less in zip(parts, shares, strict=True)
        if less
    ]


def write_parts(tx: Tx, refund: RefundRow, parts: Sequence[Part], at: datetime) -> None:
    """Keep *parts* of *refund*."""
    rows: list[Row] = [
        {
            "id": new_uuid(),
            "refund_id": refund.id,
            "order_id": refund.order_id,
            **place_columns(part.place),
            "concedes": part.concedes,
            "amount_minor": part.share.amount,
            "shipping_minor": part.share.shipping,
            "tax_minor": part.share.tax,
            "occurred_at": at,
        }
        for part in parts
    ]
    tx.write(PARTS, rows)


def concede(document: OrderDocument, parts: Sequence[Part]) -> None:
    """Count in *document* what *parts* concede."""
    for part in parts:
        if part.concedes:
            document.conceded[part.place] = document.conceded.get(part.place, Share()) + part.share


def _costs(document: OrderDocument, *, whole: bool) -> dict[Place, Share]:
    taxed = document.order.prices_include_tax
    costs = cost(document.lines.values(), prices_include_tax=taxed, whole=whole)
    order = sum(costs.values(), Share())
    fees = document.fees_ever if whole else document.fees
    return {**costs, K.FEE: fees, K.CONCESSION: Share(order.amount, 0, order.tax)}


def _places(document: OrderDocument, given: PartGiven) -> list[Place]:
    """Return the places of a part. Raises: InvalidValue, NotFound."""
    if (given.kind is K.LINE) != (given.line_id is not None):
        raise InvalidValue(problem="A part of the kind LINE names its line, and no other does.", field=("lineId",))
    if given.line_id is None:
        return [given.kind]
    line = document.lines.get(given.line_id)
    if line is None:
        raise NotFound(what="line of this order", given=text_id(IdKind.LINE, given.line_id), field=("lineId",))
    return [part.id for part in document.components(line.id)] if line.kind is LineKind.BUNDLE else [line.id]


def _check_capacity(document: OrderDocument, costs: Mapping[Place, Share], places: Sequence[Place], amount: int) -> None:
    """Raises: ExceedsPart, for more than is left to be paid for."""
    taken = document.dues.conceded
    left = sum(max(costs[place].amount - taken.get(place, Share()).amount, 0) for place in places)
    if amount > left:
        currency = document.order.currency
        raise ExceedsPart(left=amount_text(left, currency), requested=amount_text(amount, currency), field=("amount", "amount"))
