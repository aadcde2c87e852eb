"""What a document asks for, told before it is validated or run: scopes, depth, aliases and cost.

One linear walk: every fragment is measured once, however often it is spread, so that no nesting of fragments can blow it up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

from oms_api.graphql.permissions import required_scope
from oms_api.kernel.access import Scope
from oms_api.kernel.paging import DEFAULT_PAGE, LARGEST_PAGE

DEEPEST = 15
MOST_ALIASES = 1_000
MOST_TOKENS = 15_000
HIGHEST_COST = 500_000
PAGE_SIZES = ("first", "last")
SIZES = {*PAGE_SIZES, "ids"}
INTROSPECTION = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
DESCRIBED = "oms-described"


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost that may depend on variables: ``size x (own + children)``; a size is a number or a variable's name."""

    own: int
    size: int | str = 1
    children: tuple["Cost", ...] = ()

    def of(self, variables: Mapping[str, Any]) -> int:
        """Return the cost with *variables*; a missing page size counts as the default one. Each part is counted once."""
        return self._of(variables, {})

    def _of(self, variables: Mapping[str, Any], known: dict[int, int]) -> int:
        found = known.get(id(self))
        if found is None:
            size = _at_run(self.size, variables)
            children = sum(child._of(variables, known) for child in self.children)  # noqa: SLF001 - of the same class
            found = known[id(self)] = min(size * (self.own + children), HIGHEST_COST + 1)
        return found


@dataclass(slots=True)
class Measure:
    """What a selection set comes to."""

    depth: int = 0
    aliases: int = 0
    scopes: set[Scope] = field(default_factory=set)
    costs: list[Cost] = field(default_factory=list)

    def take(self, other: "Measure", *, deeper: int = 0) -> None:
        """Add what *other* comes to, *deeper* levels further down."""
        self.depth = max(self.depth, other.depth + deeper)
        self.aliases += other.aliases
        self.scopes |= other.scopes


@dataclass(frozen=True, slots=True)
class Demand:
    """What one operation asks for."""

    scopes: frozenset[Scope]
    cost: Cost
    errors: tuple[GraphQLError, ...]
    defaults: Mapping[str, Any]

    def price(self, variables: Mapping[str, Any]) -> int:
        """Return the cost with *variables*, and where they say nothing with the document's own defaults."""
        return self.cost.of({**self.defaults, **variables})


class Walk:
    """Measures the operations of one document against a schema."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.measured: dict[str, Measure] = {}
        self.open: set[str] = set()

    def operation(self, operation: OperationDefinitionNode) -> Demand:
        """Return what *operation* asks for."""
        root = self.schema.get_root_type(operation.operation)
        found = self.selections(operation.selection_set, root)
        errors = []
        if found.depth > DEEPEST:
            errors.append(_too("deep", f"{found.depth} levels", f"{DEEPEST}", "DOCUMENT_TOO_DEEP"))
        if found.aliases > MOST_ALIASES:
            errors.append(_too("repetitive", f"{found.aliases} aliases", f"{MOST_ALIASES}", "TOO_MANY_ALIASES"))
        defaults = {
            definition.variable.name.value: value_from_ast_untyped(definition.default_value)
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        return Demand(frozenset(found.scopes), Cost(0, 1, tuple(found.costs)), tuple(errors), defaults)

    def selections(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Measure:
        """Return the measure of *selection_set* on *parent*; what does not exist is left to validation."""
        found = Measure()
        for selection in selection_set.selections if selection_set else ():
            match selection:
                case FieldNode():
                    self.take_field(found, selection, parent)
                case InlineFragmentNode(type_condition=condition):
                    on = self.schema.get_type(condition.name.value) if condition else parent
                    inner = self.selections(selection.selection_set, on)
                    found.take(inner)
                    found.costs.extend(inner.costs)
                case FragmentSpreadNode():
                    inner = self.fragment(selection.name.value)
                    found.take(inner)
                    found.costs.extend(inner.costs)
        return found

    def fragment(self, name: str) -> Measure:
        """Return the measure of the fragment *name*, taken once; of a cycle nothing, for validation refuses it."""
        if name not in self.measured:
            fragment = self.fragments.get(name)
            if fragment is None or name in self.open:
                return Measure()
            self.open.add(name)
            on = self.schema.get_type(fragment.type_condition.name.value)
            inner = self.selections(fragment.selection_set, on)
            self.open.discard(name)
            self.measured[name] = Measure(inner.depth, inner.aliases, inner.scopes, [Cost(0, 1, tuple(inner.costs))])
        return self.measured[name]

    def take_field(self, found: Measure, node: FieldNode, parent: GraphQLNamedType | None) -> None:
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
        inner = self.selections(node.selection_set, get_named_type(definition.type))
        found.take(inner, deeper=1)
        size = (
            self.described(definition, name)
            if parent is not None and is_introspection_type(parent)
            else _size(node, definition)
        )
        found.costs.append(Cost(1, size, tuple(inner.costs)))

    def described(self, definition: GraphQLField, name: str) -> int:
        """Return how many items a field of introspection has, about."""
        if name == "types":
            return len(self.schema.type_map)
        return described(self.schema).get(name, 1) if is_list_type(get_nullable_type(definition.type)) else 1


def described(schema: GraphQLSchema) -> Mapping[str, int]:
    """Return how many parts of each kind a type of *schema* has on average, and how many arguments a field, rounded up."""
    known: dict[str, int] | None = schema.extensions.get(DESCRIBED)
    if known is None:
        types = list(schema.type_map.values())
        objects = [type_.fields for type_ in types if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)]
        fields = [field for found in objects for field in found.values()]
        parts = {
            "fields": len(fields),
            "inputFields": sum(len(type_.fields) for type_ in types if isinstance(type_, GraphQLInputObjectType)),
            "enumValues": sum(len(type_.values) for type_ in types if isinstance(type_, GraphQLEnumType)),
        }
        known = schema.extensions[DESCRIBED] = {name: ceil(count / len(types)) for name, count in parts.items()}
        known["args"] = ceil(sum(len(field.args) for field in fields) / max(len(fields), 1))
    return known


def _size(node: FieldNode, definition: GraphQLField) -> int | str:
    sizes = [argument.value for argument in node.arguments or () if argument.name.value in SIZES]
    for value in sizes:
        match value:
            case IntValueNode(value=text):
                return min(max(int(text[:6]), 0), LARGEST_PAGE)
            case ListValueNode(values=values):
                return min(len(values), LARGEST_PAGE)
            case VariableNode(name=name):
                return name.value
    return DEFAULT_PAGE if any(name in definition.args for name in PAGE_SIZES) else 1


def _at_run(size: int | str, variables: Mapping[str, Any]) -> int:
    """Return a size that may be a variable's name; where that says nothing, the default page."""
    if isinstance(size, int):
        return size
    match variables.get(size):
        case int(given):
            return min(max(given, 0), LARGEST_PAGE)
        case list(given):
            return min(len(given), LARGEST_PAGE)
    return DEFAULT_PAGE


def _too(what: str, given: str, allowed: str, code: str) -> GraphQLError:
    return GraphQLError(f"The document is too {what}: {given}, at most {allowed} are allowed.", extensions={"code": code})
