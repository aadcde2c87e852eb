"""Changing a cart in parts: what is given changes, the rest stays. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from oms_api.domain.orders.given import Cart, LineGiven
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.naming import shown
from oms_api.kernel.partial import Partial


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCartLine:
    """What is to be different of the line at a position of the cart as it is."""

    position: int
    changes: Partial[LineGiven]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCart:
    """Lines that are changed or removed, by their positions in the cart as it is, lines behind them, and what else changes."""

    changes: Partial[Cart]
    change_lines: tuple[ChangeCartLine, ...] = ()
    remove_lines: tuple[int, ...] = ()
    add_lines: tuple[LineGiven, ...] = ()

    def after(self, cart: Cart) -> Cart:
        """Return *cart* with the changes. Raises: Refused, with all that is wrong with them."""
        errors = list(self._wrong(len(cart.lines)))
        if errors:
            raise Refused(errors=errors)
        lines = {at: line for at, line in enumerate(cart.lines) if at not in self.remove_lines}
        for change in self.change_lines:
            lines[change.position] = replace(lines[change.position], **_given(LineGiven, change.changes))
        return replace(cart, **_given(Cart, self.changes), lines=(*lines.values(), *self.add_lines))

    def _wrong(self, count: int) -> Iterator[OmsError]:
        yield from _null_where_none_may_be(Cart, self.changes)
        seen = set[int]()
        places: list[tuple[int, tuple[str, ...]]] = [
            *((change.position, ("changeLines", str(at), "position")) for at, change in enumerate(self.change_lines)),
            *((position, ("removeLines", str(at))) for at, position in enumerate(self.remove_lines)),
        ]
        for position, where in places:
            if not 0 <= position < count:
                yield InvalidValue(problem=f"The cart has {count} lines; positions begin at 0.", field=where)
            elif position in seen:
                yield InvalidValue(problem="A line is changed or removed once.", field=where)
            seen.add(position)
        for at, change in enumerate(self.change_lines):
            yield from (error.at("changeLines", at) for error in _null_where_none_may_be(LineGiven, change.changes))


def _given(of: type, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of *changes*: for a list, null is none at all."""
    return {name: _never_null(of).get(name) if value is None else value for name, value in changes.items()}


def _null_where_none_may_be(of: type, changes: Mapping[str, Any]) -> Iterator[OmsError]:
    for name, value in changes.items():
        if value is None and _never_null(of).get(name, ()) is None:
            yield InvalidValue(problem=f"{shown(name)} cannot be null.", field=(shown(name),))


@cache
def _never_null(of: type) -> Mapping[str, tuple[()] | None]:
    """Return the fields of a record that are never null, each with what null stands for: of a list, no elements."""
    types = get_type_hints(of).items()
    return {name: () if get_origin(type_) is tuple else None for name, type_ in types if NoneType not in get_args(type_)}
