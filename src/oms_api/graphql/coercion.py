"""Arguments and input objects made by converters that are compiled once.

strawberry resolves every annotation on every call, and wraps every resolver in a coroutine of its own.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from functools import partial
from typing import Any, cast

from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import (
    StrawberryList,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from oms_api.graphql.permissions import REFUSE
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import ID_TYPES, parse_id

Convert = Callable[[Any], Any]


def compile_inputs(schema: GraphQLSchema, config: StrawberryConfig) -> None:
    """Give every input type of *schema* its converter, and every resolver of a method the short way to its arguments."""
    compiled: dict[int, Convert] = {}
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        if isinstance(type_, GraphQLInputObjectType) and isinstance(definition, StrawberryObjectDefinition):
            definition.from_input = _hook(converter(definition, config, compiled))
            if definition.is_one_of:  # graphql-core says where a value is wrong, strawberry's own check does not
                type_.is_one_of = True
                type_.out_type = GraphQLInputObjectType.out_type  # type: ignore[method-assign]
        if isinstance(type_, GraphQLObjectType) and type_ is not schema.subscription_type:
            for field in type_.fields.values():
                declared = field.extensions.get("strawberry-definition")
                if isinstance(declared, StrawberryField) and _is_method(declared):
                    field.resolve = _resolver(declared, config, compiled)


def _is_method(field: StrawberryField) -> bool:
    """Tell whether *field* is resolved by a method, with nothing of strawberry's around it."""
    resolver = field.base_resolver
    return resolver is not None and resolver.self_parameter is not None and not field.extensions


def _resolver(field: StrawberryField, config: StrawberryConfig, compiled: dict[int, Convert]) -> Callable[..., Any]:
    resolver = cast("StrawberryResolver[Any]", field.base_resolver)
    method, info_class = cast("Callable[..., Any]", resolver.wrapped_func), config.info_class
    info_name = resolver.info_parameter.name if resolver.info_parameter else None
    arguments = [
        (config.name_converter.from_argument(argument), argument.python_name, _inner(argument.type, config, compiled))
        for argument in field.arguments
    ]

    refuse = field.metadata.get(REFUSE)

    taken = partial(_taken, arguments, refuse is None)

    def called(source: Any, info: Any, take: Callable[[], dict[str, Any]]) -> Any:
        try:
            named = take()
        except OmsError as error:
            if refuse is None:
                raise
            return refuse(error)  # a mutation says what is wrong from `input` on
        if info_name is not None:
            named[info_name] = info_class(_raw_info=info, _field=field)
        return method(source, **named)

    async def among_others(source: Any, info: Any, given: Mapping[str, Any]) -> Any:
        taking: asyncio.Future[dict[str, Any]] = asyncio.ensure_future(asyncio.to_thread(taken, given))
        await asyncio.wait([taking])
        found = called(source, info, taking.result)
        return await found if inspect.isawaitable(found) else found

    def resolve(source: Any, info: Any, **given: Any) -> Any:
        if getattr(info.context, "much", False):
            return among_others(source, info, given)
        return called(source, info, partial(taken, given))

    return resolve


def _taken(
    arguments: Sequence[tuple[str, str, Convert | None]], named_in_errors: bool, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is *given* of *arguments* as a method takes it. Raises: OmsError, at its argument where *named_in_errors*."""
    named: dict[str, Any] = {}
    for graphql_name, name, convert in arguments:
        if graphql_name in given:
            value = given[graphql_name]
            try:
                named[name] = value if convert is None or value is None else convert(value)
            except OmsError as error:
                raise error.at(graphql_name) if named_in_errors else error from None
    return named


def _hook(convert: Convert) -> Callable[[type, Mapping[str, Any], Any], Any]:
    return lambda _cls, value, _context: convert(value)


def converter(definition: StrawberryObjectDefinition, config: StrawberryConfig, compiled: dict[int, Convert]) -> Convert:
    """Return what makes an input object from its coerced fields; a type may contain itself."""
    if (known := compiled.get(id(definition))) is not None:
        return known
    fields: list[tuple[str, str, Convert | None]] = []
    required: dict[str, Any] = {}
    by_itself = getattr(definition.origin, "by_itself", False)

    def convert(value: Mapping[str, Any]) -> Any:
        given, errors = dict(required), []
        for graphql_name, name, inner in fields:
            if graphql_name in value:
                part = value[graphql_name]
                try:
                    given[name] = part if inner is None or part is None else inner(part)
                except OmsError as error:
                    errors.append(error.at(graphql_name))
        if errors:
            if by_itself:
                return errors[0]
            raise errors[0] if len(errors) == 1 else Refused(errors=errors)
        return definition.origin(**given)

    compiled[id(definition)] = convert
    for field in definition.fields:
        if field.default_value is MISSING and field.default_factory is MISSING:
            required[field.python_name] = None
        inner = _inner(field.resolve_type(type_definition=definition), config, compiled)
        fields.append((config.name_converter.from_field(field), field.python_name, inner))
    return convert


def _each(inner: Convert, values: list[Any]) -> list[Any]:
    """Return each of *values* converted. Raises: Refused, with what is wrong with any of them."""
    errors: list[OmsError] = []
    converted: list[Any] = []
    for index, value in enumerate(values):
        try:
            converted.append(None if value is None else inner(value))
        except OmsError as error:
            errors.append(error.at(index))
    if errors:
        raise Refused(errors=errors)
    return converted


def _inner(type_: Any, config: StrawberryConfig, compiled: dict[int, Convert]) -> Convert | None:
    if isinstance(type_, StrawberryOptional):
        return _inner(type_.of_type, config, compiled)
    if isinstance(type_, StrawberryList):
        inner = _inner(type_.of_type, config, compiled)
        return list if inner is None else partial(_each, inner)
    if type_ in ID_TYPES:
        return partial(parse_id, type_)
    if has_object_definition(type_):
        return converter(type_.__strawberry_definition__, config, compiled)
    return None
