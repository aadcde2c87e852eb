"""Input objects made by converters that are compiled once: strawberry resolves every field's annotation on every call."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import (
    StrawberryList,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)

Convert = Callable[[Any], Any]


def compile_inputs(schema: GraphQLSchema, config: StrawberryConfig) -> None:
    """Give every input type of *schema* its converter."""
    compiled: dict[int, Convert] = {}
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        if isinstance(type_, GraphQLInputObjectType) and isinstance(definition, StrawberryObjectDefinition):
            convert = converter(definition, config, compiled)
            definition.from_input = _hook(convert)


def _hook(convert: Convert) -> Callable[[type, Mapping[str, Any], Any], Any]:
    return lambda _cls, value, _context: convert(value)


def converter(definition: StrawberryObjectDefinition, config: StrawberryConfig, compiled: dict[int, Convert]) -> Convert:
    """Return what makes an input object from its coerced fields; a type may contain itself."""
    if (known := compiled.get(id(definition))) is not None:
        return known
    fields: list[tuple[str, str, Convert | None]] = []
    required: dict[str, Any] = {}

    def convert(value: Mapping[str, Any]) -> Any:
        given = dict(required)
        for graphql_name, name, inner in fields:
            if graphql_name in value:
                part = value[graphql_name]
                given[name] = part if inner is None or part is None else inner(part)
        return definition.origin(**given)

    compiled[id(definition)] = convert
    for field in definition.fields:
        if field.default_value is MISSING and field.default_factory is MISSING:
            required[field.python_name] = None
        inner = _inner(field.resolve_type(type_definition=definition), config, compiled)
        fields.append((config.name_converter.from_field(field), field.python_name, inner))
    return convert


def _inner(type_: Any, config: StrawberryConfig, compiled: dict[int, Convert]) -> Convert | None:
    if isinstance(type_, StrawberryOptional):
        return _inner(type_.of_type, config, compiled)
    if isinstance(type_, StrawberryList):
        inner = _inner(type_.of_type, config, compiled)
        return list if inner is None else lambda values: [None if value is None else inner(value) for value in values]
    if has_object_definition(type_):
        return converter(type_.__strawberry_definition__, config, compiled)
    return None
