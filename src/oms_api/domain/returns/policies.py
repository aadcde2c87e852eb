"""What can come back, what may be received, and what can be done with a return. Pure: queries ask the same as commands."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.orders.quantities import FREE, LineMoney, LineUnits, money_gone, take_back, units_per_set
from oms_api.domain.orders.states import LineKind
from oms_api.domain.returns.errors import NothingToReturn, NotReturnable
from oms_api.domain.returns.states import ReturnAction
from oms_api.kernel.actions import Action
from oms_api.kernel.checks import check_length, check_quantity
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import (
    LineTwice,
    NotFound,
    OmsError,
    Refused,
)
from oms_api.kernel.ids import IdKind, LineId, text_id

Lines = Mapping[LineId, LineUnits]


@dataclass(frozen=True, slots=True)
class UnitsWanted:
    """Units of one order line; of a bundle whole sets."""

    line_id: LineId
    quantity: int


def decide_return(lines: Lines, wanted: Sequence[UnitsWanted]) -> list[list[tuple[LineId, int]]]:
    """Return, for each row of *wanted*, how many units of which lines come back: of a bundle those of its components.

    Raises: InvalidValue, TooManyItems; Refused with all that is wrong with the lines.
    """
    check_length(wanted, "lines", MOST_LINES)
    chosen: set[LineId] = set()
    found: list[list[tuple[LineId, int]]] = []
    errors: list[OmsError] = []
    for index, given in enumerate(wanted):
        try:
            units = units_to_return(lines, given, chosen)
        except OmsError as error:
            errors.append(error.at("lines", index))
        else:
            chosen.update(key for key, _ in units)
            found.append(units)
    if errors:
        raise Refused(errors=errors)
    return found


def units_to_return(lines: Lines, given: UnitsWanted, chosen: Collection[LineId]) -> list[tuple[LineId, int]]:
    """Return the units of *given* by line, a bundle's by component.

    Raises: NotFound, LineTwice, InvalidQuantity, NotReturnable.
    """
    line = lines.get(given.line_id)
    if line is None:
        raise NotFound(what="line of this order", given=text_id(IdKind.LINE, given.line_id), field=("lineId",))
    parts = list(in_one(lines, line))
    if any(part.id in chosen for part, _ in parts):
        raise LineTwice(field=("lineId",))
    check_quantity(given.quantity, "quantity")
    returnable = min(part.returnable // each for part, each in parts)
    if given.quantity > returnable:
        raise NotReturnable(returnable=returnable, requested=given.quantity, field=("quantity",))
    return [(part.id, given.quantity * each) for part, each in parts]


def in_one(lines: Lines, line: LineUnits) -> Iterator[tuple[LineUnits, int]]:
    """Yield the lines whose units come back for one unit of *line*, and how many of each: itself, or a bundle's components."""
    if line.kind is not LineKind.BUNDLE:
        yield line, 1
    else:
        yield from ((part, units_per_set(line, part)) for part in lines.values() if part.parent_id == line.id)


def value_of(lines: Lines, units: Collection[tuple[LineId, int]]) -> LineMoney:
    """Return what *units* by line cost, as if they came back next: the share that a receipt of them would record."""
    value = FREE
    for key, quantity in units:
        value += money_gone(lines[key], take_back(lines[key], quantity))
    return value


def order_actions(lines: Collection[LineUnits]) -> list[Action]:
    """Return every action of this area on an order with *lines*."""
    blocked = None if any(line.returnable for line in lines) else NothingToReturn(field=("orderId",))
    return [Action(ReturnAction.CREATE_RETURN, blocked)]
