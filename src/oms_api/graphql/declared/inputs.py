"""Inputs that become a command of the domain: what agrees in name and type goes over by itself, the rest says where to."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_origin, get_type_hints, is_typeddict

import strawberry
from strawberry.utils.str_converters import to_camel_case

from oms_api.graphql.declared.agreement import Disagreement, argument_of, check_same, evaluated, optional, root
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.partial import Partial

Command = TypeVar("Command")
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Becomes:
    """Where a field of an input goes, and what it becomes."""

    name: str | None
    by: Convert | None
    default: Any


def becomes(name: str | None = None, by: Callable[[Any], Any] | None = None, default: Any = MISSING) -> Any:
    """Declare a field that goes to the command's *name*, if not its own, made *by* a function that may refuse it."""
    return Becomes(name, by, default)


@dataclass(frozen=True, slots=True)
class Said:
    """What was declared of a field, by which class, and its default."""

    owner: type
    annotation: Any
    becomes: Becomes
    default: Any


class Input(Generic[Command]):
    """An input that becomes a *Command*.

    One of a list whose rows are taken *by_itself* each is replaced by the error, where an id in it is wrong. An input that
    inherits from another one has the fields of that, too. One that *changes* what another input makes has the fields of that
    for all that its command may change, *but* some: each may be left out, unless it is declared anew.
    """

    by_itself: ClassVar[bool] = False
    said: ClassVar[dict[str, "Said"]] = {}
    """What was declared of each field of the class."""

    def to_command(self) -> Command:
        """Return the command; made for each type when it is declared. Raises: what the fields' functions raise."""
        raise NotImplementedError

    def __init_subclass__(cls, changes: "type[Input[Any]] | None" = None, but: Collection[str] = ()) -> None:
        super().__init_subclass__()
        command = argument_of(cls, Input)
        if changes is not None:
            _derive(cls, changes, _changed_by(command)[1].keys() - {*but})
        if command is not None and "to_command" not in vars(cls):
            cls.to_command = _maker(cls, command)  # type: ignore[method-assign, assignment]


def _changed_by(command: Any) -> tuple[str | None, dict[str, Any]]:
    """Return the field of *command* that holds what changes, and the types of all that may."""
    types = get_type_hints(command, include_extras=True)
    for name, type_ in types.items():
        if is_typeddict(type_) or get_origin(type_) is Partial:
            return name, get_type_hints(type_ if is_typeddict(type_) else get_args(type_)[0], include_extras=True)
    return None, {}


def _derive(cls: Any, source: Any, changed: Collection[str]) -> None:
    """Declare in *cls*, in the order of *source*, the fields of that for what may be *changed*; they may be left out."""
    own, said = cls.__annotations__, _said(source.__mro__)
    shown = {each.python_name: each.description for each in source.__strawberry_definition__.fields}
    for name, each in said.items():
        declared = each.becomes
        if (declared.name or name) in changed and name not in own:
            own[name] = optional(evaluated(each.owner, each.annotation))[0] | None
            default = strawberry.field(default=strawberry.UNSET, description=shown[name])
            setattr(cls, name, Becomes(declared.name, declared.by, default))
    places = {name: at for at, name in enumerate(said, 1)} | {"idempotency_key": 0, "expected_version": len(said) + 1}
    cls.__annotations__ = dict(sorted(own.items(), key=lambda field: places.get(field[0], 0)))


def _maker(cls: type, command: Any) -> Callable[[Any], Any]:
    types = get_type_hints(command, include_extras=True)
    changes, changed = _changed_by(command)
    unsaid: dict[str, Any] = {}  # what a field of the changes holds where nothing is to change
    plain: list[tuple[str, str, Convert | None]] = []
    partial: list[tuple[str, str, Convert | None]] = []
    for name, said in _declared(cls).items():
        declared = said.becomes
        target = declared.name or name
        into = partial if target in changed else plain
        if target not in changed and target not in types:
            if name == "idempotency_key":
                continue
            raise Disagreement(f"{cls.__qualname__}.{name}: {command.__name__} has no {target!r}")
        stored, given = changed.get(target) or types[target], evaluated(said.owner, said.annotation)
        never_null = into is partial and not optional(stored)[1]
        unsaid[name] = None if never_null and said.default is None else strawberry.UNSET
        if into is partial:  # it may be left out, which GraphQL writes like null: the domain refuses null where none may be
            given, stored = optional(given)[0], optional(stored)[0]
        convert = declared.by or _conversion(f"{cls.__qualname__}.{name}", given, stored)
        into.append((name, target, convert))
    left = (
        {f.name for f in fields(command) if f.default is MISSING and f.default_factory is MISSING}
        - {target for _, target, _ in plain}
        - {changes}
    )
    if left:
        raise Disagreement(f"{cls.__qualname__} leaves out of {command.__name__}: {', '.join(sorted(left))}")

    def to_command(self: Any) -> Any:
        values: dict[str, Any] = {target: _converted(self, name, convert) for name, target, convert in plain}
        if changes is not None:
            given = (entry for entry in partial if getattr(self, entry[0]) is not unsaid[entry[0]])
            values[changes] = {target: _converted(self, name, convert) for name, target, convert in given}
        return command(**values)

    return to_command


def _declared(cls: Any) -> dict[str, Said]:
    """Return what is declared of each field of *cls* and of what it inherits from; in its own, `becomes` gives way."""
    own: dict[str, Said] = {}
    for name, annotation in cls.__annotations__.items():
        value = vars(cls).get(name, MISSING)
        becomes = value if isinstance(value, Becomes) else Becomes(None, None, value)
        own[name] = Said(cls, annotation, becomes, becomes.default)
        if isinstance(value, Becomes):
            if value.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, value.default)
    cls.said = own
    return _said(cls.__mro__)


def _said(bases: Sequence[type]) -> dict[str, Said]:
    """Return what is declared of each field by *bases*, of which the first has the last word."""
    return {name: said for base in reversed(bases) for name, said in vars(base).get("said", {}).items()}


def _converted(source: Any, name: str, convert: Convert | None) -> Any:
    value = getattr(source, name)
    if convert is None or value is None:
        return value
    try:
        return convert(value)
    except OmsError as error:
        raise error.at(to_camel_case(name)) from None


def _conversion(where: str, given: Any, wanted: Any) -> Convert | None:
    """Return what makes of *given* what the command wants, None where that is the same. Raises: Disagreement."""
    (inner, null), (target, target_null) = optional(given), optional(wanted)
    if get_origin(inner) is list and get_origin(target) in {tuple, list} and null <= target_null:
        row = get_args(inner)[0]
        return commands_of if isinstance(row, type) and issubclass(row, Input) else tuple
    if isinstance(inner, type) and issubclass(inner, Input) and null <= target_null:
        return cast("Convert", inner.to_command)
    if not (target_null and not null):  # what is never null may go where null may
        check_same(where, given, wanted)
    elif root(inner) is not root(target):
        raise Disagreement(f"{where} is {given}, but becomes {wanted}")
    return None


def commands_of(rows: list[Input[Any]]) -> tuple[Any, ...]:
    """Return the command of each row. Raises: Refused, with what is wrong with any of them."""
    made: list[Any] = []
    errors: list[OmsError] = []
    for index, row in enumerate(rows):
        try:
            made.append(row.to_command())
        except OmsError as error:
            errors.append(error.at(index))
    if errors:
        raise Refused(errors=errors)
    return tuple(made)
