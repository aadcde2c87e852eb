"""Documents that ask a schema for anything: valid, but in odd ways, and with variables of all kinds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLNullableInputType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from tests.factories.words import WRONG, Known, Words

WRAPPERS = {"nodes", "edges", "node", "rows", "results"}
"""Fields that only wrap the records of a page: they count for no level."""
FORWARDS, BACKWARDS = {"first", "after"}, {"last", "before"}
DESCRIBED = """kind name description enumValues { name } possibleTypes { name } __typename
    fields(includeDeprecated: true) { name args { name defaultValue } type { name ofType { name } } }"""


@dataclass(frozen=True)
class Question:
    """A document, and several sets of variables that it is to be asked with, one after another."""

    document: str
    variables: Sequence[Mapping[str, Any]] = ({},)


@dataclass
class Taken:
    """What stands under a response name: a field with these arguments, and what was asked below it."""

    signature: str
    below: dict[str, "Taken"] = field(default_factory=dict)


Scope = dict[str, Taken]


def fits(scope: Scope, other: Scope) -> bool:
    """Tell whether what stands in *other* can be asked beside what stands in *scope*."""
    return all(
        name not in scope or (scope[name].signature == taken.signature and fits(scope[name].below, taken.below))
        for name, taken in other.items()
    )


def merge(scope: Scope, other: Scope) -> None:
    """Note in *scope* what stands in *other*."""
    for name, taken in other.items():
        merge(scope.setdefault(name, Taken(taken.signature)).below, taken.below)


class Writer:
    """Writes one document, as chance has it."""

    def __init__(self, schema: GraphQLSchema, known: Known, dice: Random, *, depth: int, fields: int, wrong: float) -> None:
        self.schema, self.dice, self.wrong, self.words = schema, dice, wrong, Words(known, dice)
        self.depth, self.fields = depth, fields
        self.declared: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.conditions: list[str] = []
        self.fragments: list[tuple[str, Any, Scope, str]] = []
        self.within: list[str] = []
        self.names = 0
        self.kind = "query"
        self.inputs: Mapping[str, Any] = {}

    def maybe(self, share: float) -> bool:
        return self.dice.random() < share

    def name(self, start: str) -> str:
        self.names += 1
        return f"{start}{self.names}"

    def operation(self, kind: str, root: GraphQLObjectType, names: Sequence[str]) -> Question:
        """Write an operation that asks for the root fields *names*, and perhaps for what the schema says of itself."""
        scope: Scope = {}
        self.kind = kind
        parts = [self.field_of(root.fields[name], name, scope, 0) for name in names]
        if kind != "subscription" and self.maybe(0.1):
            parts.append("__typename")
        if kind == "query" and self.maybe(0.06):
            parts.append(self.introspection())
        if len(parts) > 1 and self.maybe(0.2):
            parts[-1] = f"... on {root.name} {{ {parts[-1]} }}"
        self.dice.shuffle(parts)
        declared = ", ".join(f"${name}: {type_}" for name, type_ in self.declared.items())
        head = f"{kind} Q({declared})" if declared else self.dice.choice([kind, f"{kind} Q"])
        text = [f"{head} {{ {' '.join(parts)} }}", *(text for *_, text in self.fragments)]
        self.dice.shuffle(text)
        return Question("\n".join(text), self.sets())

    def sets(self) -> Sequence[Mapping[str, Any]]:
        """Return the variables, and once more with all conditions turned, or with one that is wrong."""
        sets = [self.values]
        if self.conditions and self.maybe(0.6):
            sets.append({**self.values, **{name: not self.values.get(name, False) for name in self.conditions}})
        if self.declared and self.maybe(self.wrong):
            sets.append({**self.values, self.dice.choice([*self.declared]): self.dice.choice(WRONG), "unknown": 1})
        return sets

    def introspection(self) -> str:
        known = self.dice.choice([*self.schema.type_map])
        return self.dice.choice([
            f'{self.name("t")}: __type(name: "{known}") {{ {DESCRIBED} }}',
            "__schema { queryType { name __typename } directives { name locations } }",
            f'{self.name("t")}: __type(name: "Nothing") {{ name }}',
        ])  # fmt: skip

    def selections(self, type_: Any, scope: Scope, depth: int) -> str:
        """Write what is asked of a value of *type_*."""
        parts = [self.selection(type_, scope, depth) for _ in range(self.dice.choice((1, 2, 3, 3, 4, 5)))]
        if not parts or self.maybe(0.15):
            parts.insert(self.dice.randrange(len(parts) + 1), self.typename(scope))
        return f"{{ {' '.join(parts)} }}"

    def typename(self, scope: Scope) -> str:
        if self.maybe(0.3):
            return f"{self.name('is')}: __typename"
        return "__typename" if fits(scope, {"__typename": Taken("String!")}) else f"{self.name('is')}: __typename"

    def selection(self, type_: Any, scope: Scope, depth: int) -> str:
        """Write a field, or a fragment of one kind or another."""
        abstract = isinstance(type_, GraphQLInterfaceType | GraphQLUnionType)
        if self.maybe(0.75 if abstract else 0.12):
            on = self.narrowed(type_)
            if self.maybe(0.4) and (spread := self.spread(on, scope, depth)):
                return f"...{spread}{self.condition()}"
            condition = "" if on is type_ and self.maybe(0.3) else f" on {on.name}"
            return f"...{condition}{self.condition()} {self.selections(on, scope, depth)}"
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) or self.maybe(0.03):
            return self.typename(scope)
        return self.any_field(type_, scope, depth)

    def narrowed(self, type_: Any) -> Any:
        """Return the type that a fragment on *type_* is for: itself, one of its kinds, or an interface it has."""
        if isinstance(type_, GraphQLObjectType):
            return self.dice.choice([type_, type_, *type_.interfaces])
        kinds = list(self.schema.get_possible_types(type_))
        met = self.words.met()
        likely = [kind for kind in kinds if kind.name in met]
        return self.dice.choice(likely if likely and self.maybe(0.8) else kinds)

    def spread(self, on: Any, scope: Scope, depth: int) -> str | None:
        """Return the name of a fragment on *on*, a new one or one that was written before."""
        if self.maybe(0.4):
            for name, type_, own, _ in self.fragments:
                if type_ is on and fits(scope, own):
                    merge(scope, own)
                    return name
        if self.fields <= 0:
            return None
        before = {name: copy(getattr(self, name)) for name in ("declared", "values", "conditions", "fragments")}
        name, own = self.name("F"), dict[str, Taken]()
        text = self.selections(on, own, depth)
        if not fits(scope, own):
            vars(self).update(before)  # it cannot stand here: as if it had never been written
            return None
        merge(scope, own)
        self.fragments.append((name, on, own, f"fragment {name} on {on.name} {text}"))
        return name

    def any_field(self, type_: GraphQLObjectType | GraphQLInterfaceType, scope: Scope, depth: int) -> str:
        """Write one of the fields of *type_*: a leaf where it is deep enough."""
        deep = depth >= self.depth or self.fields <= 0
        names = [name for name, known in type_.fields.items() if not deep or not is_composite_type(get_named_type(known.type))]
        if not names and deep and depth < 12:
            names = [name for name in type_.fields if name in WRAPPERS or name == "pageInfo"]
        if not names:
            return self.typename(scope)
        wrapping = [name for name in names if name in WRAPPERS]
        name = self.dice.choice(wrapping) if wrapping and self.maybe(0.6) else self.dice.choice(names)
        return self.field_of(type_.fields[name], name, scope, depth)

    def field_of(self, known: GraphQLField, name: str, scope: Scope, depth: int) -> str:
        """Write the field *name*, under a name that is free or that means the same."""
        self.fields -= 1
        inner = get_named_type(known.type)
        with self.inside(name):
            arguments = self.arguments(known)
            signature = f"{name}{arguments}: {known.type if not is_composite_type(inner) else _shape(known.type)}"
            shown = self.name("a") if self.maybe(0.15) else name
            if shown in scope and scope[shown].signature != signature:
                shown = self.name("a")
            taken = scope.setdefault(shown, Taken(signature))
            below = ""
            if is_composite_type(inner):
                below = " " + self.selections(inner, taken.below, depth + (name not in WRAPPERS))
        alias = "" if shown == name else f"{shown}: "
        return f"{alias}{name}{arguments}{self.condition()}{below}"

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Remember the name of what is written, for the words that fit."""
        self.within.append(name)
        yield
        self.within.pop()

    def condition(self) -> str:
        """Write @skip or @include now and then, by a value or a variable."""
        if not self.maybe(0.08) or (self.kind == "subscription" and not self.within):
            return ""
        which, value = self.dice.choice(("skip", "include")), self.maybe(0.5)
        if self.maybe(0.4):
            return f" @{which}(if: {json.dumps(value)})"
        if self.conditions and self.maybe(0.5):
            return f" @{which}(if: ${self.dice.choice(self.conditions)})"
        name = self.name("if")
        self.conditions.append(name)
        self.declared[name] = "Boolean!"
        if self.maybe(0.3):
            self.declared[name] = f"Boolean{self.dice.choice(('', '!'))} = {json.dumps(value)}"
        else:
            self.values[name] = value
        return f" @{which}(if: ${name})"

    def arguments(self, known: GraphQLField) -> str:
        """Write the arguments of a field: those it needs, some of the others."""
        written = []
        forward = self.maybe(0.75)
        for name, argument in known.args.items():
            share = 0.8 if name in {"first", "last"} or (self.kind == "subscription" and name == "after") else 0.25
            if name in (BACKWARDS if forward else FORWARDS):
                share = 0.03
            if not is_required_argument(argument) and not self.maybe(share):
                continue
            with self.inside(name):
                written.append(f"{name}: {self.given(argument, 0)}")
        return f"({', '.join(written)})" if written else ""

    def given(self, slot: GraphQLArgument | GraphQLInputField, depth: int) -> str:
        """Write a value for an argument or a field of an input: a literal, or a variable."""
        type_ = slot.type
        if self.within[-1] == "input" and self.within[-2] in self.inputs and depth == 0:
            name = self.name("v")
            self.declared[name], self.values[name] = str(type_), self.inputs[self.within[-2]]
            return f"${name}"
        if self.maybe(0.2):
            return f"${self.variable(type_, depth)}"
        inner = get_nullable_type(type_)
        if not isinstance(type_, GraphQLNonNull) and self.maybe(0.04):
            return "null"
        if isinstance(inner, GraphQLInputObjectType):
            names = self.chosen(inner, depth)
            parts = []
            for name in names:
                with self.inside(name):
                    slot = inner.fields[name]
                    nullable = cast("GraphQLNullableInputType", slot.type)
                    one = GraphQLInputField(GraphQLNonNull(nullable)) if inner.is_one_of else slot
                    parts.append(f"{name}: {self.given(one, depth + 1)}")
            return f"{{{', '.join(parts)}}}"
        return self.literal(type_, self.value(type_, depth))

    def variable(self, type_: Any, depth: int) -> str:
        """Declare a variable for a place of *type_*, and return its name."""
        name, inner = self.name("v"), get_nullable_type(type_)
        known = self.value(GraphQLNonNull(inner), depth)
        if isinstance(type_, GraphQLNonNull):
            self.declared[name], self.values[name] = str(type_), known
            return name
        self.declared[name] = self.dice.choice((str(inner), f"{inner}!"))
        if self.maybe(0.2):
            default = self.literal(inner, self.value(GraphQLNonNull(inner), depth))
            self.declared[name] = f"{inner} = {default}"
        if self.declared[name].endswith("!") or self.maybe(0.7):
            self.values[name] = known
        elif self.maybe(0.5):
            self.values[name] = None
        return name

    def chosen(self, type_: GraphQLInputObjectType, depth: int) -> list[str]:
        """Return which fields of an input are given."""
        if type_.is_one_of:
            return [self.dice.choice([*type_.fields])]
        share = 0.25 if depth < 2 else 0.1
        optional = [name for name in type_.fields if not is_required_input_field(type_.fields[name])]
        if depth >= 3:
            optional = [name for name in optional if name not in {"AND", "OR", "NOT"}]
        some = {name for name in optional if self.maybe(share)} or set(optional[:1] if self.maybe(0.5) else ())
        return [name for name in type_.fields if name in some or is_required_input_field(type_.fields[name])]

    def value(self, type_: Any, depth: int) -> Any:
        """Return a JSON value of *type_*."""
        match type_:
            case GraphQLNonNull(of_type=inner):
                return self.value(inner, depth)
            case GraphQLList(of_type=inner):
                return [self.value(inner, depth + 1) for _ in range(self.dice.choice((0, 1, 1, 2, 3)))]
            case GraphQLInputObjectType():
                found = {}
                for name in self.chosen(type_, depth):
                    with self.inside(name):
                        found[name] = self.value(type_.fields[name].type, depth + 1)
                return found
            case GraphQLEnumType():
                return self.dice.choice([*type_.values])
        return self.words.leaf(type_, self.within)

    def literal(self, type_: Any, value: Any) -> str:
        """Write a JSON value of *type_* as GraphQL does."""
        if value is None:
            return "null"
        match get_nullable_type(type_):
            case GraphQLList(of_type=inner):
                return f"[{', '.join(self.literal(inner, each) for each in value)}]"
            case GraphQLInputObjectType(fields=fields):
                return f"{{{', '.join(f'{name}: {self.literal(fields[name].type, part)}' for name, part in value.items())}}}"
            case GraphQLEnumType():
                return str(value)
        return json.dumps(value, ensure_ascii=False)


def _flat(type_: Any) -> bool:
    """Tell whether all fields of *type_* are leaves."""
    return not any(is_composite_type(get_named_type(each.type)) for each in type_.fields.values())


def _shape(type_: Any) -> str:
    """Return how a composite type nests: fields of different types under one name need be alike in that only."""
    return "".join(each for each in str(type_) if each in "[]!")


class Questions:
    """Asks anything of one schema."""

    def __init__(self, schema: GraphQLSchema, known: Known | None = None) -> None:
        self.schema = schema
        self.known = known or Known()

    def query(self, dice: Random, *, wrong: float = 0.04) -> Question:
        """Return a query of one to three root fields."""
        root = self.schema.query_type
        assert root is not None
        often = [name for name in ("node", "nodes") if name in root.fields]
        names = [dice.choice([*root.fields, *often]) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
        return self.writer(dice, wrong=wrong).operation("query", root, names)

    def subscription(self, dice: Random) -> Question:
        """Return a subscription."""
        root = self.schema.subscription_type
        assert root is not None
        return self.writer(dice).operation("subscription", root, [dice.choice([*root.fields])])

    def mutation(self, dice: Random, names: Sequence[str] = (), inputs: Mapping[str, Any] | None = None) -> Question:
        """Return a mutation of one to three root fields, of all or of these *names*, some with the *inputs* they have."""
        root = self.schema.mutation_type
        assert root is not None
        writer = self.writer(dice)
        writer.inputs = inputs or {}
        chosen = [dice.choice(names or [*root.fields]) for _ in range(dice.choice((1, 1, 2, 3)))]
        return writer.operation("mutation", root, chosen)

    def writer(self, dice: Random, *, wrong: float = 0.0) -> Writer:
        """Return what writes one document."""
        depth, fields = dice.randint(2, 6), dice.choice((15, 30, 60))
        return Writer(self.schema, self.known, dice, depth=depth, fields=fields, wrong=wrong)

    def everything(self, type_: Any, depth: int) -> str:
        """Return the selection of all fields of *type_* that need no arguments, *depth* levels deep."""
        parts = ["__typename"]
        for name, known in type_.fields.items() if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else ():
            inner = get_named_type(known.type)
            if any(map(is_required_argument, known.args.values())):
                continue
            page = "(first: 3)" if "first" in known.args else ""
            if not is_composite_type(inner):
                parts.append(name)
            elif name in WRAPPERS or depth > 0 or _flat(inner):
                parts.append(f"{name}{page} {self.everything(inner, depth - (name not in WRAPPERS))}")
        return f"{{ {' '.join(parts)} }}"

    def all_lists(self) -> Iterator[Question]:
        """Return a document for each root field that needs no arguments, with all that is in it."""
        root = self.schema.query_type
        assert root is not None
        for name, known in root.fields.items():
            inner = get_named_type(known.type)
            if not any(map(is_required_argument, known.args.values())) and is_composite_type(inner):
                page = "(first: 8)" if "first" in known.args else ""
                yield Question(f"{{ {name}{page} {self.everything(inner, 1)} }}")

    def all_records(self) -> Iterator[Question]:
        """Return a document for each kind of record that is known, which asks for some of them by their ids."""
        for prefix, type_name in [*self.known.types.items()]:
            type_ = self.schema.type_map.get(type_name)
            if isinstance(type_, GraphQLObjectType) and any(each.name == "Node" for each in type_.interfaces):
                text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on {type_name} {self.everything(type_, 1)} }} }}"
                yield Question(text, [{"ids": self.known.ids[prefix][:2]}])
