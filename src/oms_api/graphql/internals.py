"""The inner parts of graphql-core and strawberry that we lean on, each named here once.

They were read in the versions of `SEEN_IN`; a test fails when others are installed, so that they are read again. Beside what
stands here, `execution.LevelExecutor` overrides `Executor.build`, `complete_value` and `complete_awaitable_value`, `coercion`
gives strawberry's input types their `from_input`, `variables` makes graphql-core's `VariableValues`, `validation` is its
`validate` and a `ParallelVisitor` in other words, and `schema.QuietSchema` wraps strawberry's `_prepare_operation_async`.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    GraphQLUnionType,
)
from graphql.execution import Executor
from graphql.execution.executor import to_nodes
from graphql.execution.values import get_argument_values
from graphql.language.visitor import EnterLeaveVisitor
from graphql.pyutils import Path
from graphql.validation.validate import FragmentNestingVisitor
from graphql.validation.validate import query_document_keys_to_validate as keys_of_documents
from graphql.validation.validation_context import NodeWithSelectionSet, VariableUsage, VariableUsageVisitor
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema import BaseSchema
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import object_type
from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ID_TYPES, IdKind

__all__ = [
    "EnterLeaveVisitor",
    "FragmentNestingVisitor",
    "NodeWithSelectionSet",
    "VariableUsage",
    "VariableUsageVisitor",
    "keys_of_documents",
]
"""What `validation` takes from below graphql-core's own doors."""
SEEN_IN = {"graphql-core": "3.3.2", "strawberry-graphql": "0.341.2"}
DEFINITION = "strawberry-definition"
ALSO_VALID = (MaybeNullValidationRule, OneOfInputValidationRule)
"""The rules that strawberry adds to those of graphql-core."""
cast("Any", object_type).dataclasses = SimpleNamespace(**{**vars(dataclasses), "dataclass": dataclass})  # as ours are made
Details = Sequence[Any]
"""The nodes of a document that ask for one field, as graphql-core's collecting gives them."""


def _shared(work: Callable[[StrawberryAnnotation], Any]) -> Callable[[StrawberryAnnotation], Any]:
    """Return *work* on an annotation done once for all that are equal, unless it holds names that only its module knows."""
    once = cache(lambda annotation: work(StrawberryAnnotation(annotation)))

    def shared(self: StrawberryAnnotation) -> Any:
        if not isinstance(self.raw_annotation, str):
            with suppress(NameError, TypeError):  # a name, or nothing that can be compared
                return once(self.raw_annotation)
        return work(self)

    return shared


for work in ("evaluate", "_resolve"):
    setattr(StrawberryAnnotation, work, _shared(getattr(StrawberryAnnotation, work)))


def core_schema(schema: BaseSchema) -> GraphQLSchema:
    """Return the schema of graphql-core that strawberry has built."""
    return cast("GraphQLSchema", cast("Any", schema)._schema)  # noqa: SLF001 - strawberry gives no other way to it


def declared_field(field: GraphQLField) -> StrawberryField | None:
    """Return what strawberry was told about *field*, unless it is graphql-core's own."""
    definition = field.extensions.get(DEFINITION)
    return definition if isinstance(definition, StrawberryField) else None


def plain_attribute(field: GraphQLField) -> str | None:
    """Return the attribute that *field* is read from, if it is no more than that."""
    definition = declared_field(field)
    return definition.python_name if definition is not None and definition.is_basic_field else None


def id_kind(field: GraphQLField) -> IdKind | None:
    """Return the kind of a typed id, which is held as a UUID and told as text."""
    definition = declared_field(field)
    type_ = None if definition is None else definition.type
    return ID_TYPES.get(type_.of_type if isinstance(type_, StrawberryOptional) else type_)


def shown_class(type_: GraphQLObjectType) -> type | None:
    """Return the class whose objects are shown as *type_*."""
    definition = type_.extensions.get(DEFINITION)
    return definition.origin if isinstance(definition, StrawberryObjectDefinition) else None


def chosen_by_class(type_: GraphQLInterfaceType | GraphQLUnionType) -> bool:
    """Tell whether strawberry tells the types behind *type_* apart by the classes of objects, and by nothing else."""
    match type_.extensions.get(DEFINITION):
        case StrawberryObjectDefinition(resolve_type=None):
            return isinstance(type_, GraphQLInterfaceType)
        case StrawberryUnion():
            return isinstance(type_, GraphQLUnionType)
    return False


def type_of_class(schema: GraphQLSchema, cls: type) -> GraphQLObjectType | None:
    """Return the type that objects of *cls* are shown as, where its name alone says it."""
    definition = cls.__dict__.get("__strawberry_definition__")
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_graphql_generic:
        return None
    found = schema.get_type(definition.name)
    return found if isinstance(found, GraphQLObjectType) else None


def fields_of(executor: Executor[Any], type_: GraphQLObjectType, details: Details) -> Mapping[str, Details] | None:
    """Return what is asked of *type_*, by the names in the answer, or None where a part is deferred."""
    fields, deferred, _ = executor.collect_subfields(type_, cast("Any", details))
    return None if deferred else cast("Mapping[str, Details]", fields)


def arguments_of(executor: Executor[Any], field: GraphQLField, details: Details) -> Mapping[str, Any]:
    """Return the arguments of *field* with the variables of this run. Raises: GraphQLError."""
    first = details[0]
    if not field.args and not first.node.arguments:
        return {}
    values = executor.variable_values
    return get_argument_values(field, first.node, values, first.fragment_variable_values, executor.hide_suggestions)


def variables_of(executor: Executor[Any]) -> Mapping[str, Any]:
    """Return the variables of this run."""
    return executor.variable_values.coerced


def info_for(executor: Executor[Any], field: GraphQLField, details: Details, parent: GraphQLObjectType, name: str) -> Any:
    """Return the resolve info for *field* of all records of a level: its path says nothing of their places in lists."""
    return executor.build_resolve_info(field, to_nodes(cast("Any", list(details))), parent, Path(None, name, parent.name))


def only_core_can(executor: Executor[Any]) -> bool:
    """Tell whether the run wants anything of each field, such as tracing, that only graphql-core's own way gives."""
    wrapped = executor.middleware_manager is not None and executor.middleware_manager.middlewares  # strawberry always gives one
    return bool(wrapped) or executor.abort_signal is not None or not executor.error_propagation


def out_of_tokens(error: GraphQLSyntaxError, most: int) -> bool:
    """Tell whether reading a document ended because it has more than *most* tokens."""
    return error.description.startswith(f"Document contains more than {most} tokens")
