"""Whether fields that share a name in the answer can be one field, told in linear time.

graphql-core compares each two of them, also those that meet through fragments: a document of a few kilobytes takes seconds.
Here the fields of one place in the answer are collected once, from all that is merged there, and each is compared with the
first of its name. Fragments can be combined in ever new ways further down; so what is collected is counted, and ends.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    print_ast,
)

from oms_api.kernel.dataclass import dataclass

MOST_COLLECTED = 20_000
Place = Sequence[tuple[GraphQLNamedType | None, SelectionSetNode]]
"""What is merged to one object of the answer: selection sets, each with the type it is on."""


@dataclass(slots=True)
class Selected:
    """A field that a document selects, with its definition on the type it is selected on."""

    parent: GraphQLNamedType | None
    node: FieldNode
    field: GraphQLField | None

    def below(self) -> Iterator[tuple[GraphQLNamedType | None, SelectionSetNode]]:
        """Give what is selected of its value, if anything."""
        if self.node.selection_set is not None:
            yield get_named_type(self.field.type) if self.field else None, self.node.selection_set


class Overlaps:
    """Looks through the operations of a valid *document* for fields that cannot be one."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.document = document
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.seen: set[tuple[bool, frozenset[int]]] = set()
        self.arguments: dict[int, Any] = {}
        self.collected = 0

    def found(self) -> GraphQLError | None:
        """Return the first conflict, or that there is too much to merge, or None."""
        try:
            for operation in self.document.definitions:
                if isinstance(operation, OperationDefinitionNode):
                    root = self.schema.get_root_type(operation.operation)
                    self.look([(root, operation.selection_set)], (), exclusive=False)
        except GraphQLError as error:
            return error
        return None

    def look(self, place: Place, path: tuple[str, ...], *, exclusive: bool) -> None:
        """Compare what is merged at *place*, and all below it; of *exclusive* fields only the shapes have to agree.

        *path* are the names in the answer since fields were merged first. Raises: GraphQLError.
        """
        key = exclusive, frozenset(id(selection_set) for _, selection_set in place)
        if key in self.seen:
            return
        self.seen.add(key)
        for name, fields in self.collect(place).items():
            first, here = fields[0], (*path, name)
            together = [fields] if exclusive else _together(fields)
            if not exclusive:
                for met in together:
                    self.compare(met, here)
            for other in fields[1:]:
                if first.field and other.field and _shapes_conflict(first.field.type, other.field.type):
                    why = f"they return conflicting types '{first.field.type}' and '{other.field.type}'"
                    raise _conflict(here, why, first, other)
            if len(together) > 1:
                self.look([each for field in fields for each in field.below()], here, exclusive=True)
            for met in together:
                if below := [each for field in met for each in field.below()]:
                    self.look(below, here if path or len(met) > 1 else (), exclusive=exclusive)

    def collect(self, place: Place) -> dict[str, list[Selected]]:
        """Return the fields of *place* by their names in the answer, each fragment taken once. Raises: GraphQLError."""
        fields: dict[str, list[Selected]] = {}
        spread: set[str] = set()
        left = list(reversed(place))
        while left:
            parent, selection_set = left.pop()
            self.collected += len(selection_set.selections)
            if self.collected > MOST_COLLECTED:
                message = (
                    f"The document merges too many fields, at most {MOST_COLLECTED:,} are allowed: spread fewer fragments."
                )
                raise GraphQLError(message, extensions={"code": "DOCUMENT_TOO_COSTLY"})
            inner: list[tuple[GraphQLNamedType | None, SelectionSetNode]] = []
            definitions = parent.fields if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else {}
            for node in selection_set.selections:
                match node:
                    case FieldNode():
                        name = node.alias.value if node.alias else node.name.value
                        fields.setdefault(name, []).append(Selected(parent, node, definitions.get(node.name.value)))
                    case InlineFragmentNode(type_condition=condition):
                        on = self.schema.get_type(condition.name.value) if condition else parent
                        inner.append((on, node.selection_set))
                    case FragmentSpreadNode() if node.name.value not in spread:
                        spread.add(node.name.value)
                        if (fragment := self.fragments.get(node.name.value)) is not None:
                            inner.append((self.schema.get_type(fragment.type_condition.name.value), fragment.selection_set))
            left.extend(reversed(inner))
        return fields

    def compare(self, fields: Sequence[Selected], path: tuple[str, ...]) -> None:
        """Compare fields that may be asked of the same object. Raises: GraphQLError."""
        first = fields[0]
        for other in fields[1:]:
            if first.node.name.value != other.node.name.value:
                why = f"'{first.node.name.value}' and '{other.node.name.value}' are different fields"
                raise _conflict(path, why, first, other)
            if self.arguments_of(first.node) != self.arguments_of(other.node):
                raise _conflict(path, "they have differing arguments", first, other)

    def arguments_of(self, node: FieldNode) -> Any:
        """Return the arguments of a field, such that equal ones are equal."""
        if not node.arguments:
            return None
        if id(node) not in self.arguments:
            self.arguments[id(node)] = {argument.name.value: _value(argument.value) for argument in node.arguments}
        return self.arguments[id(node)]


def _together(fields: Sequence[Selected]) -> Sequence[Sequence[Selected]]:
    """Return the fields that may be asked of the same object: those of one object type, with those of every interface."""
    of_types: dict[GraphQLObjectType, list[Selected]] = {}
    abstract: list[Selected] = []
    for field in fields:
        (of_types.setdefault(field.parent, []) if isinstance(field.parent, GraphQLObjectType) else abstract).append(field)
    return [[*abstract, *those] for those in of_types.values()] or [abstract]


def _shapes_conflict(one: Any, other: Any) -> bool:
    """Tell whether values of two types look different in an answer, apart from what is selected of them."""
    while is_list_type(one) or is_list_type(other) or is_non_null_type(one) or is_non_null_type(other):
        if type(one) is not type(other):
            return True
        one, other = one.of_type, other.of_type
    return (is_leaf_type(one) or is_leaf_type(other)) and one is not other


def _value(node: Any) -> Any:
    match node:
        case ObjectValueNode(fields=fields):
            return {field.name.value: _value(field.value) for field in fields}
        case ListValueNode(values=values):
            return [_value(value) for value in values]
    return print_ast(node)


def _conflict(path: tuple[str, ...], why: str, one: Selected, other: Selected) -> GraphQLError:
    for name in reversed(path[1:]):
        why = f"subfields '{name}' conflict because {why}"
    advice = "Use different aliases on the fields to fetch both if this was intentional."
    return GraphQLError(f"Fields '{path[0]}' conflict because {why}. {advice}", [one.node, other.node])
