"""Executing: variables and what root fields give go a short way; everything else is graphql-core's.

graphql-core collects the root fields, calls them and tells their errors. What one of them gave is completed level by level
(`levels`) by functions that are compiled once a document (`plans`). Whatever is unusual (an error, a null where none may be) is
completed anew by graphql-core, from the same value: answers and errors stay the same to the letter, and no root resolver runs
twice.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from operator import attrgetter
from typing import Any, TypeGuard

import orjson
import structlog
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    get_operation_ast,
)
from graphql.execution import Executor
from graphql.execution.values import VariableValues
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from oms_api.graphql.declared.records import Record
from oms_api.graphql.internals import id_kind, only_core_can, plain_attribute
from oms_api.graphql.levels import Run
from oms_api.graphql.nodes import LookUp
from oms_api.graphql.plans import Plans, Unusual
from oms_api.graphql.variables import coerced_or_none, undeclared
from oms_api.kernel.completions import Completions
from oms_api.kernel.ids import IdKind, id_writer

CURSOR = "cursor"
"""What records of the feed's events take along: their place, which names one event."""
log = structlog.get_logger("oms_api.graphql")


def read_plainly(schema: GraphQLSchema) -> None:
    """Read plain attributes of *schema* without strawberry's ways around them, and take what resolvers give for its type."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) or type_.name.startswith("__"):
            continue
        for field in type_.fields.values():
            if (name := plain_attribute(field)) is not None:
                get, kind = attrgetter(name), id_kind(field)
                field.resolve = _resolver(get) if kind is None else _text(kind, get)
        if isinstance(type_, GraphQLObjectType):
            type_.is_type_of = None  # interfaces resolve their types by themselves


def _resolver(get: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda source, _info: get(source)


def _text(kind: IdKind, get: Callable[[Any], Any]) -> Callable[..., Any]:
    written = id_writer(kind)
    return lambda source, _info: None if (value := get(source)) is None else written(value)


class Awaitable(dict[type, bool]):
    """Whether values of a type can be awaited, asked once a type: most values are rows and text, and all were asked."""

    def __missing__(self, kind: type) -> bool:
        found = self[kind] = hasattr(kind, "__await__")
        return found


AWAITABLE = Awaitable()


def is_awaitable(value: Any) -> TypeGuard[Any]:
    """Tell whether *value* has to be awaited."""
    return AWAITABLE[type(value)]


class LevelExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with the short way for variables and for what root fields give."""

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
        asked = raw_variable_values
        values: VariableValues | list[GraphQLError] | None = getattr(context_value, "variables", None)
        if isinstance(values, list):
            return values
        if operation is not None:
            values = values or coerced_or_none(schema, operation, raw_variable_values)
            if values is not None:
                document, raw_variable_values = undeclared(operation, document), {}
        built = super().build(
            schema, document, root_value, context_value, raw_variable_values, operation_name, *arguments, **named
        )
        if isinstance(built, cls):
            if values is not None:
                built.variable_values = values
            if operation is not None and operation.operation is OperationType.SUBSCRIPTION:
                variables = orjson.dumps(asked or {}, option=orjson.OPT_SORT_KEYS)
                built.asked = operation_name, sha256(variables).digest()
        return built

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.is_awaitable = is_awaitable
        self.plans: Plans = getattr(self.context_value, "plans", None) or self._own_plans()
        self.completed: Completions = getattr(self.context_value, "completed", None) or Completions()
        self.by_core = only_core_can(self)
        self.completing_anew = False
        self.asked: tuple[str | None, bytes] | None = None

    def _own_plans(self) -> Plans:
        """Return plans for one run: the document was not prepared."""
        return Plans(DocumentNode(definitions=(self.operation, *self.fragment_definitions.values())))

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Carry out the operation; for an event of the feed once for all subscriptions that are told the same."""
        event, asking = self.root_value, getattr(self.context_value, "principal", None)
        if self.asked is None or asking is None or not isinstance(event, Record) or event.along != CURSOR:
            return super().execute_operation(serially)
        key = (*self.asked, asking.rights, type(event), getattr(event, CURSOR))
        carry_out = super().execute_operation
        return self.plans.events.answer(key, lambda: carry_out(serially))

    def complete_awaitable_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> Any:
        """Complete what comes later; what belongs to a record whose id is known is asked for together with the record."""
        if isinstance(result, LookUp) and not self.by_core:
            plan = self.plans.of(self, return_type, field_details_list)
            with suppress(Exception):  # it is asked for again, and fails again, in its place
                for later in plan.of_its_id if plan is not None and plan.complete is not None else ():
                    loading = later.loading(self)
                    loading.ask([loading.key_of(result.id)])
        return super().complete_awaitable_value(return_type, field_details_list, info, path, result, position_context)

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> Any:
        """Complete what a root field gave by level; graphql-core asks here as well for what it completes itself."""
        whole = (return_type, field_details_list, info, path, result, position_context)
        if path.prev is not None or result is None or self.completing_anew:
            return super().complete_value(*whole)
        plan = None if self.by_core else self.plans.of(self, return_type, field_details_list)
        if plan is None or plan.complete is None:
            self.completed.by_core += 1
            return self._by_core(*whole)
        run = Run(self)
        try:
            answer = run.begin(plan.complete, result)
        except Exception as error:  # noqa: BLE001 - graphql-core meets the same error and says where
            run.stop()
            return self._anew(error, *whole)
        if run.ended is not None:
            return self._once_complete(run, run.ended, answer, *whole)
        self.completed.by_level += 1
        return answer

    async def _once_complete(self, run: Run, ended: "asyncio.Future[None]", answer: Any, *whole: Any) -> Any:
        """Return *answer* once all of it was told."""
        try:
            await ended
        except Unusual as error:
            run.stop()
            found = self._anew(error.__cause__ or error, *whole)
            return await found if is_awaitable(found) else found
        except BaseException:
            run.stop()
            raise
        self.completed.by_level += 1
        return answer

    def _anew(self, why: BaseException, *whole: Any) -> Any:
        """Complete a value as graphql-core does: what was loaded is loaded again, so that errors come in their order."""
        self.completed.anew += 1
        log.info("completed_anew", field=whole[2].field_name, why=type(why).__name__)
        if (forget := getattr(self.context_value, "forget_loaded", None)) is not None:
            forget()
        return self._by_core(*whole)

    def _by_core(self, *whole: Any) -> Any:
        """Complete a value as graphql-core does, which asks for what is behind a type that is never null at once."""
        self.completing_anew = True
        try:
            return super().complete_value(*whole)
        finally:
            self.completing_anew = False
