"""What a document is compiled to: for each selection a function that makes the answer of a record.

A function reads plain attributes and serializes them, all at once. A field that has to be asked for leaves its place empty, and
puts the record with its answer where those of the whole level wait (`levels`). Selections are collected by graphql-core, so
that fragments, merging, order and conditions are its own; what lies below a field to be asked for is compiled when it first has
a value.

Only what is usual can be told so. The rest (an error, a null where none may be, a type that is not known) raises `Unusual`, and
graphql-core completes the same value anew.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution import Executor

from oms_api.graphql.connections import page_request
from oms_api.graphql.declared.links import Link, link_of
from oms_api.graphql.declared.records import Record
from oms_api.graphql.internals import (
    Details,
    arguments_of,
    chosen_by_class,
    fields_of,
    id_kind,
    plain_attribute,
    shown_class,
    type_of_class,
    variables_of,
)
from oms_api.graphql.loading import Loading
from oms_api.graphql.needed import NeededColumns
from oms_api.graphql.shared_events import SharedEvents
from oms_api.kernel.ids import IdKind, id_writer
from oms_api.kernel.paging import PageRequest

MOST_OUTCOMES = 16
"""Outcomes of the conditions of a document that plans are kept for at a time; each has one plan a root field."""
MOST_FUNCTIONS = 400
"""From how many functions on no further root field of a document is compiled, and how many one may take."""
BYTES_A_FUNCTION, BYTES_A_CHARACTER = 3_000, 6
"""What compiled code holds, measured: of each function, and of each character of its source."""
CONDITIONS = {"skip", "include"}
SAME = {GraphQLString: "str", GraphQLID: "str", GraphQLBoolean: "bool"}
"""Scalars that send values of just this Python type as they are."""
Entry = tuple[Any, dict[str, Any]]
"""A record, and the answer in which a field of it is missing yet."""


class Unusual(Exception):
    """Something that is left to graphql-core."""


class Odd(dict[type, bool]):
    """Whether values of a type are no plain values: None, exceptions, and what can be awaited. Asked once a type."""

    def __missing__(self, kind: type) -> bool:
        odd = kind is type(None) or issubclass(kind, BaseException) or hasattr(kind, "__await__") or kind is type(Undefined)
        self[kind] = odd
        return odd


ODD = Odd()


class WaitingRecords(defaultdict["Later", list[Entry]]):
    """The records that wait for a field of theirs, in one run of *executor*."""

    def __init__(self, executor: Executor[Any]) -> None:
        super().__init__(list)
        self.executor = executor


Complete = Callable[[Any, WaitingRecords], Any]
"""Makes the answer of a value; fields to be asked for are put in what waits. Raises: Unusual, or whatever goes wrong."""


class Plans:
    """The plans of a document: under each outcome of its conditions one for each root field."""

    def __init__(self, document: DocumentNode, needed: NeededColumns | None = None) -> None:
        self.conditions = _conditions(document)
        self.needed = needed
        self.events = SharedEvents()
        self.functions = 0
        self.made: dict[tuple[Any, ...], dict[tuple[int, ...], RootPlan]] = {}

    def of(self, executor: Executor[Any], type_: Any, details: Details) -> "RootPlan | None":
        """Return the plan of a root field of *type_*, or None where graphql-core has to complete it, or does as well."""
        if self.conditions is None or is_leaf_type(get_nullable_type(type_)):
            return None
        variables = variables_of(executor)
        plans = self.under(tuple([variables.get(name) for name in self.conditions]))
        key = tuple([id(each.node) for each in details])
        plan = plans.get(key)
        if plan is None:
            plan = plans[key] = RootPlan(self)
            if self.functions < MOST_FUNCTIONS:
                with suppress(Exception):  # graphql-core meets the same error and says where
                    plan.compile(executor, type_, details)
        return plan

    def under(self, outcome: tuple[Any, ...]) -> "dict[tuple[int, ...], RootPlan]":
        """Return the plans under one *outcome* of the conditions."""
        if outcome not in self.made:
            if len(self.made) >= MOST_OUTCOMES:
                self.made.clear()
                self.functions = 0
            self.made[outcome] = {}
        return self.made[outcome]

    @property
    def size(self) -> int:
        """How many bytes they hold, about."""
        return sum(plan.size for plans in self.made.values() for plan in plans.values())


def _conditions(document: DocumentNode) -> tuple[str, ...] | None:
    """Return the variables that decide what is left out, or None where a directive does anything else."""
    names: set[str] = set()
    parts: list[Any] = list(document.definitions)
    while parts:
        part = parts.pop()
        if isinstance(part, FragmentDefinitionNode) and part.variable_definitions:
            return None
        for directive in part.directives or ():
            if directive.name.value not in CONDITIONS:
                return None
            names.update(each.value.name.value for each in directive.arguments if isinstance(each.value, VariableNode))
        if (inner := getattr(part, "selection_set", None)) is not None:
            parts += inner.selections
    return tuple(sorted(names))


class RootPlan:
    """What is compiled for a root field; `complete` is None where graphql-core completes it."""

    def __init__(self, plans: Plans) -> None:
        self.plans = plans
        self.complete: Complete | None = None
        self.of_its_id: list[Later] = []
        """The links of the record that the root field gives, where its id is all that they have to know."""
        self.functions = self.size = 0

    def compile(self, executor: Executor[Any], type_: Any, details: Details) -> None:
        """Compile what is selected of the root field. Raises: Unusual, for a type or a directive that is not known."""
        compiler = Compiler(executor, self)
        self.complete = compiler.completer(type_, details)
        record = get_nullable_type(type_)
        links = [later for later in compiler.later if later.parent is record and later.link is not None]
        self.of_its_id = [later for later in links if cast("Link", later.link).key_names == ["id"]]

    def completer(self, executor: Executor[Any], type_: Any, details: Details) -> Complete:
        """Return what completes values of *type_*, compiled. Raises: Unusual, for a type or a directive that is not known."""
        return Compiler(executor, self).completer(type_, details)

    def grow(self, source: str) -> None:
        """Count a function. Raises: Unusual, when there are too many; then the plan is given up."""
        self.functions += 1
        self.plans.functions += 1
        self.size += BYTES_A_FUNCTION + BYTES_A_CHARACTER * len(source)
        if self.functions > MOST_FUNCTIONS:
            self.complete = None
            raise Unusual


class Later:
    """A field that has to be asked for, of all records of a level."""

    def __init__(self, plan: RootPlan, parent: GraphQLObjectType, field: GraphQLField, name: str, details: Details) -> None:
        self.parent, self.field, self.name, self.details = parent, field, name, details
        self.link: Link | None = link_of(field)
        needed = plan.plans.needed
        self.relation = None if self.link is None else self.link.narrowed(needed.of if needed else _all)
        numbered = self.link is not None and self.relation is not None and self.relation.sort_by_number is not None
        self.key_of = None if self.link is None else self.link.number_of() if numbered else self.link.key_of
        self._plan = plan
        self._complete: Complete | None = None
        self._varies = any(_varies(argument.value) for argument in details[0].node.arguments or ())
        self._page: tuple[PageRequest, ...] | None = None

    def loading(self, executor: Executor[Any]) -> Loading[Any, Any]:
        """Return the loader over its link. Raises: GraphQLError, OmsError, for arguments that are wrong."""
        if self._page is None or self._varies:
            paged = cast("Link", self.link).paged
            self._page = (page_request(arguments_of(executor, self.field, self.details)),) if paged else ()
        return cast("Loading[Any, Any]", executor.context_value.loading(self.relation, *self._page))

    def completer(self, executor: Executor[Any]) -> Complete:
        """Return what completes its values, compiled when it is first needed. Raises: Unusual."""
        if self._complete is None:
            self._complete = self._plan.completer(executor, self.field.type, self.details)
        return self._complete


class Compiler:
    """Writes the functions for the selections of a run of *executor*, which none of them keeps."""

    def __init__(self, executor: Executor[Any], plan: RootPlan) -> None:
        self.executor, self.plan = executor, plan
        self.later: list[Later] = []
        self.names: dict[str, Any] = {"ODD": ODD, "Unusual": Unusual, "items_of": _items}

    def name(self, value: Any) -> str:
        """Return a name for *value* in what is written."""
        name = f"_{len(self.names)}"
        self.names[name] = value
        return name

    def function(self, *lines: str) -> Complete:
        """Return a function of a value `v` and of what waits, `w`, with the body *lines*."""
        source = "\n ".join(("def made(v, w):", *lines))
        self.plan.grow(source)
        exec(source, self.names)  # noqa: S102 - attributes and names of the schema; values stand in `names`
        return cast("Complete", self.names.pop("made"))

    def completer(self, type_: Any, details: Details) -> Complete:
        """Return the function that completes values of *type_*. Raises: Unusual."""
        return self.function(f"return {self.value(type_, details, 'v')}")

    def value(self, type_: Any, details: Details, given: str, depth: int = 0) -> str:
        """Return the expression that completes the value of the expression *given*, in a list *depth* deep."""
        if isinstance(type_, GraphQLNonNull):
            return self.required(type_.of_type, details, given, depth)
        if type_ in SAME:
            return f"(x if type(x := {given}) is {SAME[type_]} or x is None else {self.name(_serializer(type_))}(x))"
        return f"(None if (y{depth} := {given}) is None else {self.required(type_, details, f'y{depth}', depth)})"

    def required(self, type_: Any, details: Details, given: str, depth: int) -> str:
        """Return the expression for a value that is not null: nothing that is called here takes None. Raises: Unusual."""
        match type_:
            case GraphQLScalarType():
                return self.scalar(type_, given)
            case GraphQLEnumType():
                written, members = _serializer(type_), getattr(type_, "wrapped_cls", ())
                known = self.name({member.name: written(member) for member in members})
                return f"({known}[x._name_] if type(x := {given}) is {self.name(members)} else {self.name(written)}(x))"
            case GraphQLList(of_type=inner):
                item = f"i{depth}"
                return f"[{self.value(inner, details, item, depth + 1)} for {item} in items_of({given})]"
            case GraphQLObjectType():
                return f"{self.name(self.object(type_, details))}({given}, w)"
            case GraphQLInterfaceType() | GraphQLUnionType():
                return f"{self.name(self.abstract(type_, details))}({given}, w)"
        raise Unusual

    def scalar(self, type_: GraphQLScalarType, given: str) -> str:
        """Return the expression that serializes a scalar."""
        serialize = self.name(_serializer(type_))
        if type_ in SAME or type_.coerce_output_value is str:
            return f"(x if type(x := {given}) is {SAME.get(type_, 'str')} else {serialize}(x))"
        if type_ is GraphQLInt:
            return f"(x if type(x := {given}) is int and -2147483648 <= x <= 2147483647 else {serialize}(x))"
        return f"{serialize}({given})"

    def id(self, kind: IdKind, type_: Any, given: str) -> str:
        """Return the expression for the text of an id of *kind*."""
        written = self.name(id_writer(kind))
        return (
            f"{written}({given})"
            if isinstance(type_, GraphQLNonNull)
            else f"(None if (y := {given}) is None else {written}(y))"
        )

    def object(self, type_: GraphQLObjectType, details: Details) -> Complete:
        """Return the function that makes the answer of a record of *type_*. Raises: Unusual."""
        fields = fields_of(self.executor, type_, details)
        if fields is None or type_.is_type_of is not None:
            raise Unusual
        cls = shown_class(type_)
        record = cls if cls is not None and issubclass(cls, Record) else None
        parts, later = [], []
        for name, found in fields.items():
            asked = found[0].node.name.value
            if asked == "__typename":
                parts.append(f"{name!r}: {type_.name!r}")
            elif (field := type_.fields.get(asked)) is None:
                raise Unusual
            elif (attribute := plain_attribute(field)) is not None:
                given = f"v.{attribute}" if record is None else self.shown(record, attribute)
                kind = id_kind(field)
                written = self.value(field.type, found, given) if kind is None else self.id(kind, field.type, given)
                parts.append(f"{name!r}: {written}")
            else:
                parts.append(f"{name!r}: None")
                self.later.append(Later(self.plan, type_, field, name, found))
                later.append(f"w[{self.name(self.later[-1])}].append((v, d))")
        if record is None:
            known = "if ODD[type(v)]: raise Unusual"
        else:
            known = f"if type(v) is not {self.name(record)}: raise Unusual\n r = v.row"
        answer = f"{{{', '.join(parts)}}}"
        return self.function(known, f"d = {answer}", *later, "return d") if later else self.function(known, f"return {answer}")

    def shown(self, record: type[Record[Any]], attribute: str) -> str:
        """Return the expression for an *attribute* of a *record*: it is read from the row, and made where it is asked for."""
        if attribute not in record.sources:
            return f"v.{attribute}"
        make, names = record.sources[attribute]
        given = ", ".join(f"v.{name}" if name == record.along else f"r.{name}" for name in names)
        return given if make is None else f"{self.name(make)}({given})"

    def abstract(self, type_: GraphQLInterfaceType | GraphQLUnionType, details: Details) -> Complete:
        """Return what completes records of several types, told apart by their classes; each is compiled when it is met."""
        if not chosen_by_class(type_):
            raise Unusual
        plan, schema = self.plan, self.executor.schema  # a plan outlives the executor
        known: dict[type, Complete] = {}

        def complete(value: Any, waiting: WaitingRecords) -> Any:
            function = known.get(type(value))
            if function is None:
                found = type_of_class(schema, type(value))
                if found is None or not schema.is_sub_type(type_, found):
                    raise Unusual
                function = known[type(value)] = plan.completer(waiting.executor, found, details)
            return function(value, waiting)

        return complete


def _varies(value: ValueNode) -> bool:
    """Tell whether a *value* of a document depends on variables."""
    match value:
        case VariableNode():
            return True
        case ListValueNode(values=values):
            return any(map(_varies, values))
        case ObjectValueNode(fields=fields):
            return any(_varies(each.value) for each in fields)
    return False


def _all(_show: type) -> None:
    """Need every column."""


def _items(value: Any) -> Sequence[Any]:
    if type(value) is list or type(value) is tuple:
        return cast("Sequence[Any]", value)
    raise Unusual


def _serializer(type_: GraphQLScalarType | GraphQLEnumType) -> Callable[[Any], Any]:
    serialize = type_.coerce_output_value

    def serialized(value: Any) -> Any:
        if ODD[type(value)] or (found := serialize(value)) is None or found is Undefined:
            raise Unusual
        return found

    return serialized
