"""What a document asks for, told before it is validated or run: scopes, depth, aliases and cost.

One linear walk: every fragment is measured once, however often it is spread, so that no nesting of fragments can blow it up.
"""

from collections.abc import Mapping
from dataclasses import field
from math import ceil
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_introspection_type,
    is_list_type,
    value_from_ast_untyped,
)

from oms_api.graphql.declared.links import link_of
from oms_api.graphql.internals import plain_attribute
from oms_api.graphql.needed import NeededColumns
from oms_api.graphql.permissions import declared_price, open_without_key, required_scope
from oms_api.kernel.access import Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.paging import DEFAULT_PAGE, LARGEST_PAGE

DEEPEST = 15
LONGEST_CHAIN = 250
"""How many fragments may lie in one another: what walks them, here and in graphql-core, takes frames of Python for each."""
MOST_ALIASES = 1_000
MOST_OPERATIONS = 50
HIGHEST_COST, HIGHEST_COST_OF_A_VISIT = 500_000, 2_000
PAGE_SIZES = ("first", "last")
SIZES = {*PAGE_SIZES, "ids"}
INTROSPECTION = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
DESCRIBED = "oms-described"
A_DESCRIPTION, A_DESCRIPTION_ASIDE = 5, 40
"""What a value of introspection costs: in an operation of its own, and beside other fields, where it holds the event loop."""
A_CALL = 10
"""What it costs to call a resolver that is written by hand, beside what it gives: 36 µs for each record, measured."""
A_SELECTION = 25
"""What it costs to compile what is selected of a field, whatever its size: 100 µs, measured."""
WRAPPED = 0.5
"""How often there is something below `ofType`: of the types of fields most are required, few are lists."""


@dataclass(frozen=True, slots=True)
class AskedSize:
    """A size that is asked for: the largest of numbers and variables, or *otherwise* where all of them say nothing."""

    sizes: tuple[int | str, ...]
    otherwise: int

    def at_run(self, variables: Mapping[str, Any]) -> int:
        """Return the size with *variables*."""
        given = [size if isinstance(size, int) else _asked_for(variables.get(size)) for size in self.sizes]
        return max((size for size in given if size is not None), default=self.otherwise)


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost that may depend on variables: ``size x (own + children)``."""

    own: float
    size: float | AskedSize = 1
    children: tuple["Cost", ...] = ()

    def of(self, variables: Mapping[str, Any]) -> int:
        """Return the cost with *variables*, rounded up. Each part is counted once."""
        return ceil(self._of(variables, {}))

    def settled(self, known: dict[int, "Cost"]) -> "Cost":
        """Return the same cost with all that depends on no variable counted already; *known* are parts that are settled."""
        found = known.get(id(self))
        if found is None:
            children = [child.settled(known) for child in self.children]
            own = self.own + sum(child.own for child in children if child.fixed)
            found = Cost(own, self.size, tuple(child for child in children if not child.fixed))
            if not (found.children or isinstance(found.size, AskedSize)):
                found = Cost(min(found.size * own, HIGHEST_COST + 1))
            known[id(self)] = found
        return found

    @property
    def fixed(self) -> bool:
        """Whether it is a number."""
        return self.size == 1 and not self.children

    def _of(self, variables: Mapping[str, Any], known: dict[int, float]) -> float:
        found = known.get(id(self))
        if found is None:
            size = self.size.at_run(variables) if isinstance(self.size, AskedSize) else self.size
            children = sum(child._of(variables, known) for child in self.children)  # noqa: SLF001 - of the same class
            found = known[id(self)] = min(size * (self.own + children), HIGHEST_COST + 1)
        return found


@dataclass(slots=True)
class Measure:
    """What a selection set comes to."""

    depth: int = 0
    aliases: int = 0
    selections: int = 0
    scopes: set[Scope] = field(default_factory=set)
    costs: list[Cost] = field(default_factory=list)

    def take(self, other: "Measure", *, deeper: int = 0) -> None:
        """Add what *other* comes to, *deeper* levels further down."""
        self.depth = max(self.depth, other.depth + deeper)
        self.aliases += other.aliases
        self.selections = min(self.selections + other.selections, HIGHEST_COST)
        self.scopes |= other.scopes


@dataclass(frozen=True, slots=True)
class OperationDemand:
    """What one operation asks for."""

    scopes: frozenset[Scope]
    cost: Cost
    errors: tuple[GraphQLError, ...]
    defaults: Mapping[str, Any]
    introspects: bool = False
    """Whether it asks for the schema, and for nothing else."""
    public: bool = False
    """Whether it is a query whose root fields need no key."""

    def price(self, variables: Mapping[str, Any]) -> int:
        """Return the cost with *variables*, and where they say nothing with the document's own defaults."""
        return self.cost.of({**self.defaults, **variables})


class Walk:
    """Measures the operations of one document against a schema."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.measured: dict[tuple[str, bool, int], Measure] = {}
        self.needed = NeededColumns(schema)
        self.a_description = A_DESCRIPTION
        self.open: set[str] = set()

    def operation(self, operation: OperationDefinitionNode) -> OperationDemand:
        """Return what *operation* asks for."""
        root = self.schema.get_root_type(operation.operation)
        names = self.roots(operation)
        introspects = bool(names & INTROSPECTION.keys()) and names <= {*INTROSPECTION, "__typename"}
        self.a_description = A_DESCRIPTION if introspects else A_DESCRIPTION_ASIDE
        found = self.selections(operation.selection_set, root)
        errors = []
        if found.depth > DEEPEST:
            errors.append(too_much("deep", f"{found.depth} levels", f"{DEEPEST}", "DOCUMENT_TOO_DEEP"))
        if found.aliases > MOST_ALIASES:
            errors.append(too_much("repetitive", f"{found.aliases:,} aliases", f"{MOST_ALIASES:,}", "TOO_MANY_ALIASES"))
        defaults = {
            definition.variable.name.value: value_from_ast_untyped(definition.default_value)
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        cost = Cost(A_SELECTION * found.selections, 1, tuple(found.costs))
        named = names - {"__typename"}
        public = root is self.schema.query_type and bool(named) and all(map(self.is_public, named))
        return OperationDemand(frozenset(found.scopes), cost.settled({}), tuple(errors), defaults, introspects, public)

    def is_public(self, name: str) -> bool:
        """Tell whether the root field *name* of queries needs no key; one that does not exist is none."""
        query = self.schema.query_type
        return query is not None and name in query.fields and open_without_key(query.fields[name])

    def roots(self, operation: OperationDefinitionNode) -> set[str]:
        """Return the names of the root fields of *operation*."""
        names, spread, left = set(), set(), [operation.selection_set]
        while left:
            for selection in left.pop().selections:
                match selection:
                    case FieldNode():
                        names.add(selection.name.value)
                    case InlineFragmentNode():
                        left.append(selection.selection_set)
                    case FragmentSpreadNode(name=name) if name.value in self.fragments and name.value not in spread:
                        spread.add(name.value)
                        left.append(self.fragments[name.value].selection_set)
        return names

    def selections(
        self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None, *, every: bool = False
    ) -> Measure:
        """Return the measure of *selection_set* on *parent*; what does not exist is left to validation.

        *every* tells that introspection comes by here from the list of all types, once to each.
        """
        found = Measure()
        for selection in selection_set.selections if selection_set else ():
            match selection:
                case FieldNode():
                    self.take_field(found, selection, parent, every=every)
                case InlineFragmentNode(type_condition=condition):
                    on = self.schema.get_type(condition.name.value) if condition else parent
                    inner = self.selections(selection.selection_set, on, every=every)
                    found.take(inner)
                    found.costs.extend(inner.costs)
                case FragmentSpreadNode():
                    inner = self.fragment(selection.name.value, every=every)
                    found.take(inner)
                    found.costs.extend(inner.costs)
        return found

    def fragment(self, name: str, *, every: bool) -> Measure:
        """Return the measure of the fragment *name*, taken once; of a cycle nothing, for validation refuses it.

        Raises: RecursionError, where too many lie in one another, as Python does a little later.
        """
        key = name, every, self.a_description
        if key not in self.measured:
            fragment = self.fragments.get(name)
            if fragment is None or name in self.open:
                return Measure()
            if len(self.open) >= LONGEST_CHAIN:
                raise RecursionError
            self.open.add(name)
            on = self.schema.get_type(fragment.type_condition.name.value)
            inner = self.selections(fragment.selection_set, on, every=every)
            self.open.discard(name)
            costs = [Cost(0, 1, tuple(inner.costs))]
            self.measured[key] = Measure(inner.depth, inner.aliases, inner.selections, inner.scopes, costs)
        return self.measured[key]

    def take_field(self, found: Measure, node: FieldNode, parent: GraphQLNamedType | None, *, every: bool) -> None:
        """Add what the field *node* of *parent* asks for."""
        found.aliases += node.alias is not None
        name = node.name.value
        if name == "__typename":
            found.costs.append(Cost(1))
            return
        fields: Mapping[str, GraphQLField] = (
            parent.fields if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else {}
        )
        definition = fields.get(name) or INTROSPECTION.get(name)
        if definition is None:
            return
        if (scope := required_scope(definition)) is not None:
            found.scopes.add(scope)
        if parent is not None and name in fields:
            self.needed.take(parent, name)
        type_ = get_named_type(definition.type)
        inner = self.selections(node.selection_set, type_, every=name == "types" or (every and type_.name != "__Type"))
        found.take(inner, deeper=1)
        if definition in INTROSPECTION.values() or (parent is not None and is_introspection_type(parent)):
            size = self.described(definition, name, every=every)
            found.costs.append(Cost(self.a_description, size, tuple(inner.costs)))
            return
        found.selections += node.selection_set is not None
        cost = Cost(1, _size(node, definition), tuple(inner.costs))
        price = declared_price(definition) + (A_CALL if _is_called(definition) else 0)
        found.costs.append(Cost(price, 1, (cost,)) if price else cost)

    def described(self, definition: GraphQLField, name: str, *, every: bool) -> float:
        """Return how many items a field of introspection has: on average below all types, else the most that it can have."""
        if name == "types":
            return len(self.schema.type_map)
        if name == "ofType":
            return WRAPPED
        if not is_list_type(get_nullable_type(definition.type)):
            return 1
        average, most = described(self.schema).get(name, (1, 1))
        return average if every else most


def described(schema: GraphQLSchema) -> Mapping[str, tuple[float, int]]:
    """Return how many parts of each kind a type of *schema* has, and how many arguments a field: on average, and at most."""
    known: dict[str, tuple[float, int]] | None = schema.extensions.get(DESCRIBED)
    if known is None:
        types = list(schema.type_map.values())
        objects = [type_ for type_ in types if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)]
        abstract = [type_ for type_ in types if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType)]
        parts = {
            "fields": [len(type_.fields) for type_ in objects],
            "interfaces": [len(type_.interfaces) for type_ in objects],
            "possibleTypes": [len(schema.get_possible_types(type_)) for type_ in abstract],
            "inputFields": [len(type_.fields) for type_ in types if isinstance(type_, GraphQLInputObjectType)],
            "enumValues": [len(type_.values) for type_ in types if isinstance(type_, GraphQLEnumType)],
        }
        known = {name: (sum(counts) / len(types), max(counts, default=0)) for name, counts in parts.items()}
        arguments = [len(field.args) for type_ in objects for field in type_.fields.values()]
        known["args"] = sum(arguments) / max(len(arguments), 1), max(arguments, default=0)
        known["directives"] = len(schema.directives), len(schema.directives)
        schema.extensions[DESCRIBED] = known
    return known


def _size(node: FieldNode, definition: GraphQLField) -> int | AskedSize:
    """Return how many records a field gives: the largest size it is asked for, for variables may leave out the others."""
    otherwise = DEFAULT_PAGE if any(name in definition.args for name in PAGE_SIZES) else 1
    given: list[int | str] = []
    for argument in node.arguments or ():
        if argument.name.value in SIZES:
            match argument.value:
                case IntValueNode(value=text):
                    given.append(_page(int(text[:6])))
                case ListValueNode(values=values):
                    given.append(_page(len(values)))
                case VariableNode(name=name):
                    given.append(name.value)
    sizes = [size for size in given if isinstance(size, int)]
    if len(sizes) < len(given):
        return AskedSize(tuple(given), otherwise)
    return max(sizes, default=otherwise)


def _is_called(definition: GraphQLField) -> bool:
    return plain_attribute(definition) is None and link_of(definition) is None


def _asked_for(given: Any) -> int | None:
    """Return the size that the value of a variable comes to, or None where it says nothing; what is no size is refused."""
    match given:
        case None:
            return None
        case int() | float():
            return _page(given)
        case list():
            return _page(len(given))
    return 1


def _page(size: float) -> int:
    """Return the size that is read for *size*; NaN, which graphql-core makes of a number that Python does not read, is 0."""
    return ceil(min(max(0, size), LARGEST_PAGE))


def too_much(what: str, given: str, allowed: str, code: str) -> GraphQLError:
    """Return the refusal of a document that is too *what*."""
    return GraphQLError(f"The document is too {what}: {given}, at most {allowed} are allowed.", extensions={"code": code})


def too_deep() -> GraphQLError:
    """Return the refusal of a document that is nested deeper than Python goes."""
    return GraphQLError("The document is nested too deeply.", extensions={"code": "DOCUMENT_TOO_DEEP"})
