"""Inputs that become a command of the domain: what agrees in name and type goes over by itself, the rest says where to."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_origin, get_type_hints, is_typeddict

import strawberry
from strawberry.utils.str_converters import to_camel_case

from oms_api.graphql.declared.agreement import Disagreement, argument_of, check_same, evaluated, optional, root
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused

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
    inherits from another one has the fields of that, too.
    """

    by_itself: ClassVar[bool] = False
    said: ClassVar[dict[str, "Said"]] = {}
    """What was declared of each field of the class."""

    def to_command(self) -> Command:
        """Return the command; made for each type when it is declared. Raises: what the fields' functions raise."""
        raise NotImplementedError

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        command = argument_of(cls, Input)
        if command is not None and "to_command" not in vars(cls):
            cls.to_command = _maker(cls, command)  # type: ignore[method-assign, assignment]


def _maker(cls: type, command: Any) -> Callable[[Any], Any]:
    types = get_type_hints(command, include_extras=True)
    changes = next((name for name, type_ in types.items() if is_typeddict(type_)), None)
    changed = get_type_hints(types[changes], include_extras=True) if changes else {}
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
    inherited = {name: said for base in reversed(cls.__mro__[1:]) for name, said in vars(base).get("said", {}).items()}
    cls.said = own
    return inherited | own


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
