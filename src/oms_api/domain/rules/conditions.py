"""Conditions in CEL: compiled with their mistakes at line and column, and evaluated within a budget, without I/O.

All of the library is behind this module, and loaded when a condition is first compiled: a shop without rules never loads it.
Its limits: a loop takes up to 10,000 steps, expressions nest 32 deep. Facts travel as protobuf messages, so that a misspelled
field is found when a condition is compiled.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from threading import Lock
from typing import Any

from oms_api.domain.rules.errors import ConditionInvalid
from oms_api.domain.rules.variables import DECLARED, LINE, VariableType
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused

LONGEST_CONDITION = 2_000
LONGEST_FAILURE = 500
PACKAGE = "oms"
FOUND = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
UNKNOWN = re.compile(r"undefined field '([^']*)' not found in struct '([^']*)'|undeclared reference to '([^']*)'")
NO_OVERLOAD = re.compile(r"no matching overload for '([^']*)' applied to '\((.*)\)'")
OPERATORS = {
    "_>_": ">",
    "_<_": "<",
    "_>=_": ">=",
    "_<=_": "<=",
    "_==_": "==",
    "_!=_": "!=",
    "_+_": "+",
    "_-_": "-",
    "_*_": "*",
    "_/_": "/",
    "@in": "in",
    "_&&_": "&&",
    "_||_": "||",
    "!_": "!",
}
CALLED = {
    "double": "a number",
    "int": "a whole number",
    "string": "a text",
    "bool": "true or false",
    "google.protobuf.Timestamp": "a moment",
    "list(string)": "a list of texts",
    "uint": "an unsigned number",
    "dyn": "of any type",
}
ROOTS = ("order", "lines", "customer", "channel")
Facts = Mapping[str, Any]
"""The fields of `order`, `customer` and `channel` by name, and `lines` as a list of such."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was compiled; without an *expression* it could not be any more, and fails."""

    text: str
    expression: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a condition holds, or the *error* with which it failed."""

    holds: bool
    error: str | None = None


class Engine:
    """The library, with the messages that conditions read."""

    def __init__(self) -> None:
        from cel_expr_python import cel  # noqa: PLC0415 - see above
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2, timestamp_pb2  # noqa: PLC0415

        pool = descriptor_pool.DescriptorPool()
        for known in (timestamp_pb2, struct_pb2):
            pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        pool.AddSerializedFile(_file(descriptor_pb2).SerializeToString())
        messages = {of: pool.FindMessageTypeByName(f"{PACKAGE}.{of}") for of in DECLARED}
        self.messages = {of: message_factory.GetMessageClass(found) for of, found in messages.items()}
        variables = {of: cel.Type(f"{PACKAGE}.{of}") for of in DECLARED if of != LINE}
        variables["lines"] = cel.Type.List(cel.Type(f"{PACKAGE}.{LINE}"))
        self.env = cel.NewEnv(descriptor_pool=pool, variables=variables)
        self.lock = Lock()

    def message(self, of: str, fields: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a class made of the declaration
        """Return the message of *fields*."""
        plain = {name: value for name, value in fields.items() if name not in {"attributes", "placedAt"}}
        made = self.messages[of](**plain)
        if (moment := fields.get("placedAt")) is not None:
            made.placedAt.FromDatetime(moment)
        if attributes := fields.get("attributes"):
            made.attributes.update(attributes)
        return made

    def activation(self, facts: Facts) -> Any:  # noqa: ANN401 - the library's own
        """Return *facts* as conditions take them, to be shared by all that are asked."""
        roots = {of: self.message(of, facts.get(of, {})) for of in DECLARED if of != LINE}
        lines = [self.message(LINE, line) for line in facts.get("lines", ())]
        with self.lock:
            return self.env.Activation({**roots, "lines": lines})


@cache
def engine() -> Engine:
    """Return the one engine of this process."""
    return Engine()


def _file(library: Any) -> Any:  # noqa: ANN401 - generated code
    """Return the messages that the variables declare, each with `known` types for moments and attributes."""
    field = library.FieldDescriptorProto
    types = {
        VariableType.TEXT: field.TYPE_STRING,
        VariableType.TEXTS: field.TYPE_STRING,
        VariableType.NUMBER: field.TYPE_DOUBLE,
        VariableType.INTEGER: field.TYPE_INT64,
        VariableType.BOOLEAN: field.TYPE_BOOL,
    }
    messages = {VariableType.TIMESTAMP: ".google.protobuf.Timestamp", VariableType.ATTRIBUTES: ".google.protobuf.Struct"}
    made = library.FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto3")
    made.dependency.extend(["google/protobuf/timestamp.proto", "google/protobuf/struct.proto"])
    for of, declared in DECLARED.items():
        message = made.message_type.add(name=of)
        for number, (name, type_, _, _) in enumerate(declared, start=1):
            label = field.LABEL_REPEATED if type_ is VariableType.TEXTS else field.LABEL_OPTIONAL
            known = types.get(type_, field.TYPE_MESSAGE)
            one = message.field.add(name=name, json_name=name, number=number, type=known, label=label)
            if type_ in messages:
                one.type_name = messages[type_]
    return made


def compiled(text: str) -> Condition:
    """Return the condition *text*. Raises: Refused, with a ConditionInvalid for each mistake."""
    if not text.strip():
        raise Refused(errors=[ConditionInvalid(problem="A condition says something, such as order.total > 500.0.")])
    if len(text) > LONGEST_CONDITION or "\0" in text:
        problem = f"A condition has at most {LONGEST_CONDITION:,} characters, none of them NUL."
        raise Refused(errors=[ConditionInvalid(problem=problem)])
    here = engine()
    try:
        with here.lock:
            expression = here.env.compile(text)
            type_ = expression.return_type().name()
    except RuntimeError as error:
        raise Refused(errors=list(_mistakes(str(error)))) from None
    if type_ != "BOOL":
        hint = "compare an attribute, as in order.attributes.gift == true" if type_ == "DYN" else "compare it with something"
        problem = f"A condition is true or false, and this is {_called(type_.lower())}: {hint}."
        raise Refused(errors=[ConditionInvalid(problem=problem, line=1, column=1)])
    return Condition(text, expression)


def kept(text: str) -> Condition:
    """Return a condition that was checked when it was written, even if this version cannot compile it any more."""
    try:
        return compiled(text)
    except Refused:
        return Condition(text, None)


def checked(text: str) -> Condition:
    """Return the condition *text*, tried on a large order. Raises: Refused, for one that could never work, too."""
    condition = compiled(text)
    answer = ask(condition, engine().activation(_trial()))
    if answer.error is not None and ("regular expression" in answer.error or "budget" in answer.error):
        problem = (
            f"It takes more steps than the 10,000 allowed on an order of {TRIAL_LINES} lines."
            if "budget" in answer.error
            else f"It can never be evaluated: {answer.error}."
        )
        raise Refused(errors=[ConditionInvalid(problem=problem)])
    return condition


def ask(condition: Condition, activation: Any) -> Answer:  # noqa: ANN401 - the library's own
    """Return whether *condition* holds of the facts in *activation*; nothing is raised for what fails."""
    if condition.expression is None:
        return Answer(holds=False, error="this version of the program cannot read it")
    try:
        with engine().lock:
            found = condition.expression.eval(activation)
            if found.type().name() == "BOOL":
                return Answer(bool(found.value()))
            failed = str(found.value())
    except RuntimeError as error:
        failed = str(error)
    return Answer(holds=False, error=_failure(failed))


def _failure(text: str) -> str:
    """Return why a condition failed, in one line and without the library's name for the kind of failure."""
    line = " ".join(text.split())
    kind, _, rest = line.partition(": ")
    said = rest if kind.isupper() else line
    return "it ran too long: iteration budget exceeded" if "budget" in said.lower() else said[:LONGEST_FAILURE]


def _mistakes(text: str) -> Iterator[OmsError]:
    """Yield what the library found wrong, in the terms of the variables."""
    found = FOUND.findall(text)
    if not found:
        yield ConditionInvalid(problem=_nested(text) or f"It cannot be read: {_failure(text)}.")
    for line, column, message in found:
        problem, unknown = _explained(message.removesuffix("[INVALID_ARGUMENT]").strip())
        known = int(line) > 0
        yield ConditionInvalid(
            problem=problem, unknown=unknown, line=int(line) if known else None, column=int(column) if known else None
        )


def _nested(text: str) -> str | None:
    return "It is nested too deep: at most 32 levels." if "recursion" in text.lower() else None


def _explained(message: str) -> tuple[str, str | None]:
    """Return a mistake in our words, and the name that is unknown."""
    if (nested := _nested(message)) is not None:
        return nested, None
    if unknown := UNKNOWN.search(message):
        name, struct, alone = unknown.groups()
        if alone is not None:
            return f"There is no variable or function '{alone}'{_near(alone.partition('.')[0], ROOTS)}", alone
        of = struct.rpartition(".")[2]
        return f"A condition knows no '{name}' of {of}{_near(name, [known for known, *_ in DECLARED.get(of, ())])}", name
    if overload := NO_OVERLOAD.search(message):
        operator, types = OPERATORS.get(overload[1], overload[1]), re.split(r",\s*(?![^(]*\))", overload[2])
        operands = " and ".join(map(_called, types))
        hint = ": write whole amounts with a point, such as 100.0" if {"double", "int"} == set(types) else ""
        return f"'{operator}' does not take {operands}{hint}.", None
    if "<EOF>" in message:
        return "It ends too early.", None
    said = message.partition(" expecting {")[0]
    return f"{said[0].upper()}{said[1:]}.", None


def _near(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f": did you mean '{close[0]}'?" if close else "."


def _called(type_: str) -> str:
    """Return what people call a type of the library."""
    return CALLED.get(type_) or (f"a list ({type_})" if type_.startswith("list") else type_)


TRIAL_LINES = 100


@cache
def _trial() -> Facts:
    """Return the facts of a made-up order of many lines."""
    lines = [{"sku": f"SKU-{number}", "name": "A thing", "kind": "GOODS", "quantity": 1} for number in range(TRIAL_LINES)]
    return {"order": {"currency": "GBP", "lineCount": TRIAL_LINES, "units": TRIAL_LINES}, "lines": lines}
