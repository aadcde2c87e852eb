"""Statements that SQLAlchemy builds and compiles once, and that the driver carries out ever after with new values.

A function from arguments to a `select` becomes a `Statement`. Its calls are told apart by the *shape* of their arguments: which
filters are given, whether the caller is limited, which order. For each new shape the function runs once, with a parameter in
the place of each value; afterwards a call costs a walk over its arguments.

Such a function must therefore not look at values: it may ask whether one is None, True or False, no more. A tuple and a
dataclass among its arguments are walked into; a list is one value, unless it holds dataclasses.

Readers take what `only_reads`; what writes goes through a transaction.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from itertools import count
from operator import eq, ne
from threading import Lock
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, cast, overload

from sqlalchemy import ARRAY, BindParameter, ColumnOperators, Uuid
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeEngine

from oms_api.db.records import DIALECT, Make, maker
from oms_api.db.sets import id_array

Arguments = ParamSpec("Arguments")
Row = TypeVar("Row")
Select = TypedReturnsRows[Row]

MOST_SHAPES = 256
"""Shapes kept for each statement: nested filters have no end of them, and what is compiled can be compiled again."""
MOST_BYTES, BYTES_A_CHARACTER = 64 * 2**20, 17
"""What the shapes of all statements hold together, and what each character of their texts stands for, measured."""
GIVEN = "given_"
READS = re.compile(
    r"""
    \s* (?:SELECT|WITH|VALUES) \b
    (?! .* \b (?: INSERT \s+ INTO | MERGE \s+ INTO | DELETE \s+ FROM | UPDATE \s+ \S+ \s+ (?:AS \s+ \S+ \s+)? SET ) \b )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@lru_cache(4_096)
def only_reads(text: str) -> bool:
    """Tell whether the statement *text* changes nothing, not even in one of its WITH."""
    return READS.match(text) is not None


class Query(NamedTuple, Generic[Row]):
    """A compiled statement with the values of this time, which gives records of *Row*; *alone*, if it may take long.

    Without *record* its records have the attributes that the result names.
    """

    text: str
    parameters: Sequence[Any]
    record: Make | None = None
    alone: bool = False


class Fixed:
    """What is part of a statement's text, such as an order, rather than a value in it."""

    __slots__ = ()


class Argument(BindParameter[Any]):
    """The parameter in the place of a value, for the function that makes a statement."""

    inherit_cache = False

    def __init__(self, number: int) -> None:
        super().__init__(f"{GIVEN}{number}", required=False)

    def operate(self, op: Any, *other: Any, **options: Any) -> Any:
        """Return the SQL of an operation; a comparison with what is no SQL would only be False, so it is refused."""
        if other and op in {eq, ne} and not isinstance(other[0], ColumnOperators):
            raise TypeError(f"a statement is made once for all values, so it must not compare one with {other[0]!r}")
        return super().operate(op, *other, **options)


class Compiled:
    """The text of a statement, where its values come from, and what becomes of its rows."""

    def __init__(self, statement: Any) -> None:
        compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
        self.text: str = compiled.string
        self.sources = [_source(compiled, name) for name in compiled.positiontup or ()]
        columns = compiled._result_columns  # noqa: SLF001 - SQLAlchemy keeps to itself which types a compiled statement gives
        self.record = maker([(column.keyname, column.type) for column in columns]) if columns else None

    def query(self, values: Sequence[Any], *, alone: bool = False) -> Query[Any]:
        """Return the statement with *values*, and with those that it holds by itself."""
        given = [held if at is None else sends(values[at]) if sends else values[at] for at, sends, held in self.sources]
        return Query(self.text, given, self.record, alone)


def _source(compiled: Any, name: str) -> tuple[int | None, Callable[[Any], Any] | None, Any]:
    """Return where the parameter *name* comes from: the place among the values given and how it is sent, or what it is."""
    binds = compiled.binds  # IN has one for all the names that it is expanded to
    sends = _sending(binds[name if name in binds else name.rpartition("_")[0]].type)
    if name.startswith(GIVEN):
        return int(name.removeprefix(GIVEN)), sends, None
    held = compiled.params[name]
    return None, None, sends(held) if sends else held


def _sending(type_: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """Return what becomes of a value of *type_* before the driver takes it, if anything."""
    if isinstance(type_, ARRAY) and _sending(type_.item_type) is None:
        return id_array if isinstance(type_.item_type, Uuid) else list
    return type_.dialect_impl(DIALECT).bind_processor(DIALECT)


class Statement(Generic[Arguments, Row]):
    """A function to a `select` that runs once for each shape of its arguments."""

    def __init__(self, build: Callable[Arguments, Select[Row]], *, alone: bool = False) -> None:
        self.build = build
        self.alone = alone
        self.shapes: dict[Hashable, Compiled] = {}
        self.__doc__ = build.__doc__

    def __call__(self, *given: Arguments.args, **named: Arguments.kwargs) -> Query[Row]:
        """Return the statement with these arguments, as a reader takes it."""
        values: list[Any] = []
        shape: Hashable = tuple([_shape(one, values) for one in given])
        if named:
            shape = (shape, *[(name, _shape(one, values)) for name, one in named.items()])
        compiled = self.shapes.get(shape)
        if compiled is None:
            if len(self.shapes) >= MOST_SHAPES:
                self.forget()
            numbers = count()
            traced = [_parameters(one, numbers) for one in given]
            build = cast("Callable[..., Any]", self.build)
            statement = build(*traced, **{name: _parameters(one, numbers) for name, one in named.items()})
            compiled = self.shapes[shape] = Compiled(statement)
            make_room(self, BYTES_A_CHARACTER * len(compiled.text))
        return compiled.query(values, alone=self.alone)

    def forget(self) -> None:
        """Drop all shapes: what is asked again is compiled again."""
        self.shapes.clear()
        HELD.pop(self, None)


HELD: Counter[Statement[..., Any]] = Counter()
"""How many bytes the shapes of each statement hold."""
ROOM = Lock()
"""Held by whoever makes room: statements are compiled in threads, too."""


def make_room(statement: Statement[..., Any], size: int) -> None:
    """Count a shape of *statement* with its *size*; beyond MOST_BYTES whoever holds most forgets."""
    with ROOM:
        HELD[statement] += size
        while HELD.total() > MOST_BYTES:
            ((largest, _),) = HELD.most_common(1)
            largest.forget()


@overload
def statement(build: Callable[Arguments, Select[Row]]) -> Statement[Arguments, Row]: ...
@overload
def statement(*, alone: bool) -> Callable[[Callable[Arguments, Select[Row]]], Statement[Arguments, Row]]: ...
def statement(build: Any = None, *, alone: bool = False) -> Any:
    """Make a function to a `select` a statement that is compiled once; *alone*, if it may take long."""
    return Statement(build) if build is not None else lambda build: Statement(build, alone=alone)


class _Fields(dict[type, tuple[str, ...]]):
    """The fields of the dataclasses among arguments: those are walked into, and whatever has none is a value."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        found = self[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
        return found


FIELDS = _Fields()


def _shape(given: Any, values: list[Any]) -> Hashable:
    """Return *given* without its values, which go to *values*."""
    if given is None or given is True or given is False or isinstance(given, Fixed):
        return cast("Hashable", given)
    kind = type(given)
    if names := FIELDS[kind]:
        return (kind, *[_shape(getattr(given, name), values) for name in names])
    if kind is tuple or _holds_records(kind, given):
        return tuple([_shape(one, values) for one in given])
    values.append(given)
    return GIVEN


def _parameters(given: Any, numbers: "count[int]") -> Any:
    """Return *given* with a parameter in the place of each of its values, numbered as `_shape` meets them."""
    if given is None or given is True or given is False or isinstance(given, Fixed):
        return given
    kind = type(given)
    if names := FIELDS[kind]:
        return kind(**{name: _parameters(getattr(given, name), numbers) for name in names})
    if kind is tuple or _holds_records(kind, given):
        return kind([_parameters(one, numbers) for one in given])
    return Argument(next(numbers))


def _holds_records(kind: type, given: Any) -> bool:
    """Tell whether *given* is a list of dataclasses, such as the conditions under AND, or an empty one: part of the shape."""
    return kind is list and (not given or bool(FIELDS[type(given[0])]))
