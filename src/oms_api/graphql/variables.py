"""Variables coerced by functions that are compiled once a type.

graphql-core asks every value of every field what type it has, and does so twice. What is regular goes the short way here;
whatever is not (an unknown field, a missing one, a wrong scalar) is left to graphql-core, so that its errors stay the same.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    is_input_type,
    is_required_input_field,
    type_from_ast,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]
COERCERS = "oms-coercer"
MANY = 1_000
"""Items of lists: what is made of an order of as many lines takes the event loop some 20 ms."""


MOST_WRONG = 50
"""How much of what is wrong with variables graphql-core tells."""


class Irregular(Exception):
    """The value is not of its type, or only by a rule that is left to graphql-core."""


def many(given: Any) -> bool:
    """Tell whether *given* variables hold lists with so many items that others should have turns while they are read."""
    left, items = [given], 0
    while left and items <= MANY:
        value = left.pop()
        if type(value) is list:
            items += len(value)
            left += value if len(value) <= MANY else ()
        elif type(value) is dict:
            left += value.values()
    return items > MANY


def undeclared(operation: OperationDefinitionNode, document: DocumentNode) -> DocumentNode:
    """Return *document* with an *operation* that declares no variables: they are coerced already."""
    given: dict[str, Any] = {
        name: getattr(operation, name, None) for name in operation.keys if name not in {"loc", "variable_definitions"}
    }
    bare = OperationDefinitionNode(**given, variable_definitions=(), loc=operation.loc)
    return DocumentNode(definitions=tuple(bare if part is operation else part for part in document.definitions))


def coerced(schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]) -> VariableValues:
    """Return the variables of *operation* as graphql-core would coerce them. Raises: Irregular."""
    sources: dict[str, VariableValueSource] = {}
    values: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        name, type_ = definition.variable.name.value, type_from_ast(schema, definition.type)
        if not is_input_type(type_) or definition.default_value is not None:
            raise Irregular
        value = given.get(name, Undefined)
        sources[name] = VariableValueSource(GraphQLVariableSignature(name, type_, None), value)
        if value is not Undefined:
            values[name] = coercer(type_)(value)
        elif isinstance(type_, GraphQLNonNull):
            raise Irregular
    return VariableValues(sources, values)


def coerced_or_none(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any] | None
) -> VariableValues | None:
    """Return the variables of *operation*, None where it has none, or they are irregular."""
    if operation.variable_definitions:
        with suppress(Irregular, RecursionError):
            return coerced(schema, operation, given or {})
    return None


def coerced_or_refused(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any] | None
) -> VariableValues | list[GraphQLError]:
    """Return the variables of *operation*, by graphql-core where they are irregular, or what is wrong with them."""
    found = coerced_or_none(schema, operation, given)
    return found or get_variable_values(schema, operation.variable_definitions or (), given or {}, MOST_WRONG)


def coercer(type_: GraphQLInputType) -> Coerce:
    """Return what coerces a JSON value to *type_*, or raises Irregular."""
    if isinstance(type_, GraphQLNonNull):
        return _required(coercer(type_.of_type))
    if isinstance(type_, GraphQLList):
        return _items(coercer(type_.of_type))
    if isinstance(type_, GraphQLInputObjectType):
        known: Coerce | None = type_.extensions.get(COERCERS)
        return known or _fields(type_)
    return _leaf(type_)


def _required(inner: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            raise Irregular
        return inner(value)

    return coerce


def _items(inner: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise Irregular
        return [inner(item) for item in value]

    return coerce


def _leaf(type_: GraphQLLeafType) -> Coerce:
    parse = type_.coerce_input_value

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        try:
            return parse(value)
        except Exception:  # noqa: BLE001 - graphql-core meets the same error and tells it
            raise Irregular from None

    return coerce


def _fields(type_: GraphQLInputObjectType) -> Coerce:
    fields: dict[str, tuple[str, Coerce]] = {}
    defaults: dict[str, Any] = {}

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict or not required <= value.keys() <= fields.keys():
            raise Irregular
        result = defaults.copy()
        for name, part in value.items():
            out_name, inner = fields[name]
            result[out_name] = inner(part)
        if type_.is_one_of and (len(result) != 1 or None in result.values()):
            raise Irregular
        return type_.out_type(result)

    type_.extensions[COERCERS] = coerce  # before its fields: a type may contain itself
    declared: dict[str, GraphQLInputField] = type_.fields
    for name, field in declared.items():
        out_name = field.out_name or name
        fields[name] = out_name, coercer(field.type)
        if (default := coerce_default_value(field)) is not Undefined:
            defaults[out_name] = default
    required = {name for name, field in declared.items() if is_required_input_field(field)}
    return coerce
