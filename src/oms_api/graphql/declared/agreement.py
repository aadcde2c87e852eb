"""Whether a declaration agrees with the column it names: told when the module is imported."""

import sys
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from sqlalchemy.orm import InstrumentedAttribute

from oms_api.kernel.ids import ID_TYPES, IdKind

Column = InstrumentedAttribute[Any]


class Disagreement(TypeError):
    """A declaration names a column that does not exist, or disagrees with it or with another declaration."""


def optional(type_: Any) -> tuple[Any, bool]:
    """Return *type_* without None, and whether None was in it."""
    if get_origin(type_) in {Union, UnionType} and NoneType in get_args(type_):
        (inner,) = (argument for argument in get_args(type_) if argument is not NoneType)
        return inner, True
    return type_, False


def bare(type_: Any) -> Any:
    """Return *type_* without what Annotated adds to it."""
    return bare(get_args(type_)[0]) if get_origin(type_) is Annotated else type_


def root(type_: Any) -> Any:
    """Return what *type_* is at run time: of a NewType and of Annotated what is behind them."""
    type_ = bare(type_)
    while hasattr(type_, "__supertype__"):
        type_ = type_.__supertype__
    return get_origin(type_) or type_


def of_column(column: Column) -> tuple[Any, bool]:
    """Return the type that a column has in its table's source, and whether it can be null."""
    for cls in column.class_.__mro__:
        if column.key in vars(cls).get("__annotations__", {}):
            type_, null = optional(get_args(cls.__annotations__[column.key])[0])
            return bare(type_), null
    raise Disagreement(f"{column} is no annotated column")


def kind_of(column: Column) -> IdKind | None:
    """Return the kind of id that a column holds, if it holds ids of one."""
    return ID_TYPES.get(of_column(column)[0])


def column_named(owner: type, name: str, row: type) -> Column:
    """Return the column *name* of *row*. Raises: Disagreement."""
    found = getattr(row, name, None)
    if not isinstance(found, InstrumentedAttribute):
        raise Disagreement(f"{owner.__qualname__}.{name}: {row.__name__} has no column {name!r}")
    return found


def check_belongs(where: str, column: Column, row: type) -> None:
    """Raises: Disagreement, unless *column* is one of *row*."""
    if not issubclass(row, cast("type", column.class_)):
        raise Disagreement(f"{where} is of {column}, which is no column of {row.__name__}")


def check_same(where: str, shown: Any, stored: Any) -> None:
    """Raises: Disagreement, unless *shown* is what is *stored*: the same kind of id, the same type, null as often."""
    (a, a_null), (b, b_null) = optional(shown), optional(stored)
    a, b = bare(a), bare(b)
    same_id = a == b or root(b) is b or not (a in ID_TYPES or b in ID_TYPES)
    if root(a) is not root(b) or not same_id or a_null != b_null:
        raise Disagreement(f"{where} is {shown}, but what it shows or becomes is {stored}")


def evaluated(cls: type, annotation: Any) -> Any:
    """Return an annotation that may stand in quotes."""
    return eval(annotation, vars(sys.modules[cls.__module__])) if isinstance(annotation, str) else annotation  # noqa: S307


def argument_of(cls: type, base: type) -> Any:
    """Return what *cls* gives *base* as its argument: of ``class Shipment(Record[ShipmentRow])`` the row; None without one."""
    bases = vars(cls).get("__orig_bases__", ())
    return next((get_args(each)[0] for each in bases if get_origin(each) is base), None)
