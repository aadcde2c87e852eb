"""Executing with a short way for plain attributes, which are most of what a page is made of.

graphql-core gives every field its resolve info, arguments and completion. A plain attribute needs none of them: its value is
read, and serialized or descended into. Whatever is unusual (an error, a null where none may be) goes the ordinary way, so that
answers and errors stay the same to the letter.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, TypeGuard, cast

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_operation_ast,
)
from graphql.execution import Executor
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from oms_api.graphql.variables import Irregular, coerced, undeclared
from oms_api.kernel.ids import ID_TYPES, IdKind, text_id

PLAIN = "oms-plain-fields"


@dataclass(frozen=True, slots=True)
class PlainField:
    """How a plain attribute is read: *serialize* for scalars and enums, *object_type* for a record of nothing but them."""

    get: Callable[[Any], Any]
    nullable: bool
    serialize: Callable[[Any], Any] | None
    object_type: GraphQLObjectType | None


def read_plainly(schema: GraphQLSchema) -> None:
    """Note on every object type of *schema* which of its fields are plain attributes."""
    objects = []
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) or type_.name.startswith("__"):
            continue
        plain: dict[str, PlainField] = {}
        for name, field in type_.fields.items():
            definition = field.extensions.get("strawberry-definition")
            if isinstance(definition, StrawberryField) and definition.is_basic_field:
                get = attrgetter(definition.python_name)
                field.resolve = _resolver(get)
                if (kind := _kind(definition)) is not None:
                    field.resolve, plain[name] = _text(kind, get), _id_field(kind, get, field.type)
                    continue
                if (found := _plain(field.type, get)) is not None:
                    plain[name] = found
        if isinstance(type_, GraphQLObjectType):
            type_.is_type_of = None  # interfaces resolve their types by themselves
            type_.extensions[PLAIN] = plain
            objects.append(type_)
    for type_ in objects:
        fields = type_.extensions[PLAIN].items()
        type_.extensions[PLAIN] = {
            name: field for name, field in fields if field.object_type is None or wholly_plain(field.object_type)
        }


def wholly_plain(type_: GraphQLObjectType) -> bool:
    """Tell whether all fields of *type_* are plain scalars, so that nothing in it can have to be awaited."""
    plain: Mapping[str, PlainField] = type_.extensions[PLAIN]
    return plain.keys() == type_.fields.keys() and all(field.object_type is None for field in plain.values())


def _kind(field: StrawberryField) -> IdKind | None:
    """Return the kind of a typed id, which is held as a UUID and told as text."""
    type_ = field.type.of_type if isinstance(field.type, StrawberryOptional) else field.type
    return ID_TYPES.get(type_)


def _text(kind: IdKind, get: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda source, _info: None if (value := get(source)) is None else text_id(kind, value)


def _id_field(kind: IdKind, get: Callable[[Any], Any], type_: Any) -> PlainField:
    return PlainField(get, not isinstance(type_, GraphQLNonNull), partial(text_id, kind), None)


def _resolver(get: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda source, _info: get(source)


def _plain(type_: Any, get: Callable[[Any], Any]) -> PlainField | None:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    nullable = inner is type_
    if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
        return PlainField(get, nullable, inner.coerce_output_value, None)
    return PlainField(get, nullable, None, inner) if isinstance(inner, GraphQLObjectType) else None


class Awaitable(dict[type, bool]):
    """Whether values of a type can be awaited, asked once a type: most values are rows and text, and all were asked."""

    def __missing__(self, kind: type) -> bool:
        found = self[kind] = hasattr(kind, "__await__")
        return found


AWAITABLE = Awaitable()


def is_awaitable(value: Any) -> TypeGuard[Any]:
    """Tell whether *value* has to be awaited."""
    return AWAITABLE[type(value)]


class PlainExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with the short way for variables and for plain attributes."""

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *arguments: Any,
        **named: Any,
    ) -> list[GraphQLError] | Executor[Any]:
        """Build an executor whose variables are coerced already, where they are regular."""
        operation = get_operation_ast(document, operation_name)
        values = None
        if operation is not None and operation.variable_definitions:
            with suppress(Irregular, RecursionError):
                values = coerced(schema, operation, raw_variable_values or {})
                document, raw_variable_values = undeclared(operation, document), {}
        built = super().build(
            schema, document, root_value, context_value, raw_variable_values, operation_name, *arguments, **named
        )
        if values is not None and isinstance(built, cls):
            built.variable_values = values
        return built

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.is_awaitable = is_awaitable

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: dict[str, Any],
        position_context: Any,
    ) -> Any:
        """Execute the fields of one object, plain ones at once."""
        plain_fields = parent_type.extensions.get(PLAIN)
        if not plain_fields:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        results: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for name, details in grouped_field_set.items():
            plain = plain_fields.get(details[0].node.name.value)
            results[name] = None
            if plain is None or not self.read(plain, source_value, results, name, details, path, parent_type):
                others[name] = details
        if not others:
            return results
        rest = super().execute_fields(parent_type, source_value, path, others, position_context)
        if self.is_awaitable(rest):
            return _merged(results, rest)
        results.update(cast("dict[str, Any]", rest))
        return results

    def read(
        self,
        plain: PlainField,
        source: Any,
        results: dict[str, Any],
        name: str,
        details: Any,
        path: Path | None,
        parent_type: GraphQLObjectType,
    ) -> bool:
        """Put the value of *plain* into *results*, or leave it to the ordinary way by returning False."""
        try:
            value = plain.get(source)
            if value is None:
                return plain.nullable
            if plain.serialize is not None:
                value = plain.serialize(value)
            elif plain.object_type is not None:
                below = Path(path, name, parent_type.name)
                value = self.collect_and_execute_subfields(plain.object_type, details, below, value, None)
        except Exception:  # noqa: BLE001 - the ordinary way meets the same error and locates it
            return False
        results[name] = value
        return value is not None


async def _merged(results: dict[str, Any], rest: Any) -> dict[str, Any]:
    results.update(await rest)
    return results
