"""Dataclasses of which no method is compiled but the constructor, and that when the first object is made.

`dataclasses` compiles three to seven methods of each class when it is declared. There are two thousand classes, and a process
uses few of them: it took a sixth of the start. All else is as there.
"""

import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from reprlib import recursive_repr
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn, cast

__all__ = ["dataclass"]
METHODS = {"__init__", "__repr__", "__eq__", "__hash__", "__getstate__", "__setstate__"}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, *, eq=True, frozen=False, slots=False, kw_only=False):  # noqa: ANN001, ANN201
        """Make *cls* a dataclass, as `dataclasses.dataclass` does."""
        if cls is None:
            return lambda cls: dataclass(cls, eq=eq, frozen=frozen, slots=slots, kw_only=kw_only)
        by_hand = METHODS.intersection(vars(cls))
        cls = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only, slots=slots)(cls)
        methods = {"__init__": _constructor(cls, frozen=frozen, slots=slots), "__repr__": _shown}
        if eq:
            methods |= _comparing(cls, hashed=frozen)
        if frozen:
            methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
        if frozen and slots:
            methods |= {"__getstate__": _state, "__setstate__": _restore}
        for name in methods.keys() - by_hand:
            setattr(cls, name, methods[name])
        return cls


def _constructor(cls: type, *, frozen: bool, slots: bool) -> Callable[..., None]:
    """Return what makes itself the constructor of *cls* when it is called."""

    def construct(self: object, *given: object, **named: object) -> None:
        made = _compiled(cast("Any", cls).__dataclass_fields__, cls, frozen=frozen, slots=slots)
        cls.__init__ = made  # type: ignore[misc]
        made(self, *given, **named)

    return construct


def _compiled(fields: Mapping[str, object], cls: type, *, frozen: bool, slots: bool) -> Callable[..., None]:
    """Return the constructor that `dataclasses` compiles for a class with these *fields*."""
    parent = type(cls.__name__, (), {"__dataclass_fields__": fields, "__dataclass_params__": SimpleNamespace(frozen=frozen)})
    kept = ("__module__", "__qualname__", "__doc__", "__post_init__")
    same: Any = type(cls.__name__, (parent,), {name: getattr(cls, name) for name in kept if hasattr(cls, name)})
    made: Any = dataclasses.dataclass(repr=False, eq=False, frozen=frozen, slots=slots)(same)
    return cast("Callable[..., None]", made.__init__)


def _comparing(cls: type, *, hashed: bool) -> dict[str, Callable[..., object] | None]:
    names = [field.name for field in dataclasses.fields(cast("Any", cls)) if field.compare]
    values: Callable[[object], object] = attrgetter(*names) if names else lambda _: ()

    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return {"__eq__": equal, "__hash__": (lambda self: hash(values(self))) if hashed else None}


@recursive_repr()
def _shown(self: object) -> str:
    fields = (field.name for field in dataclasses.fields(cast("Any", self)) if field.repr)
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in fields)})"


def _state(self: object) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(cast("Any", self))]


def _restore(self: object, state: list[object]) -> None:
    """Set what `_state` gave of another one, so that it is copied and pickled though nobody may set anything."""
    for field, value in zip(dataclasses.fields(cast("Any", self)), state, strict=True):
        object.__setattr__(self, field.name, value)


def _refuse(_self: object, name: str, *_: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"{name!r} of what is frozen cannot be set or deleted")
