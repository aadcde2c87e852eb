"""Documents, prepared once: parsed, measured, validated, and kept for the next request with the same text."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import field
from typing import Any, TypeVar

import orjson
from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    execute_sync,
    get_operation_ast,
    parse,
)
from graphql.execution.values import VariableValues
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types.execution import ExecutionContext

from oms_api.domain.access.errors import NO_KEY, Unauthenticated
from oms_api.graphql.context import RequestContext
from oms_api.graphql.internals import ALSO_VALID, core_schema, out_of_tokens
from oms_api.graphql.limits import (
    HIGHEST_COST,
    HIGHEST_COST_OF_A_VISIT,
    MOST_OPERATIONS,
    OperationDemand,
    Walk,
    too_deep,
    too_much,
)
from oms_api.graphql.overlaps import Overlaps
from oms_api.graphql.plans import Plans
from oms_api.graphql.shared_events import BYTES_AN_ANSWERED_BYTE
from oms_api.graphql.validation import errors_in
from oms_api.graphql.variables import coerced_or_refused, many
from oms_api.kernel.access import VISITOR
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.document_length import LONGEST_DOCUMENT, MOST_TOKENS
from oms_api.kernel.errors import MissingScope, OmsError

MOST_BYTES = 64 * 2**20
"""What all kept documents hold together: the longest one that is allowed holds 4 MB, before anything of it is compiled."""
BYTES_A_DOCUMENT, BYTES_A_TOKEN, BYTES_A_CHARACTER = 20_000, 900, 4
"""What a prepared document holds, measured: whatever is in it, for each token, and for each character of its text."""
MOST_ERRORS = 5
LONG = 4_000
"""From how many characters on a document is prepared beside the event loop: what is shorter takes some 15 ms at most."""
THREAD = ThreadPoolExecutor(1, "documents")
Made = TypeVar("Made")


@dataclass(slots=True)
class Prepared:
    """A document with what is known of it before any run."""

    document: DocumentNode
    demands: dict[str | None, OperationDemand]
    plans: Plans
    answers: dict[str | None, ExecutionResult] = field(default_factory=dict)
    """What operations told of the schema that ask for nothing else."""
    answered_bytes: int = 0

    @property
    def size(self) -> int:
        """How many bytes it holds, about: it grows with what is compiled of it."""
        source = self.document.loc.source.body if self.document.loc else ""
        read = BYTES_A_TOKEN * self.document.token_count + BYTES_A_CHARACTER * len(source)
        return BYTES_A_DOCUMENT + read + self.plans.size + self.answered_bytes

    def demand(self, operation_name: str | None) -> OperationDemand | None:
        """Return what the operation asks for, or None where it does not exist or the name is needed."""
        if operation_name is None and len(self.demands) == 1:
            return next(iter(self.demands.values()))
        return self.demands.get(operation_name)


class Documents:
    """Documents by their text, as many as there is room for; one client's new ones push out its own before those of others.

    A document counts to the client that brought it. Where room is missing, who holds most gives up what was asked for longest
    ago.
    """

    def __init__(self, capacity: int = MOST_BYTES) -> None:
        self.capacity = capacity
        self.kept: dict[str, tuple[Prepared, Hashable]] = {}
        self.sizes: dict[Hashable, OrderedDict[str, int]] = {}
        self.held: Counter[Hashable] = Counter()

    @property
    def size(self) -> int:
        """How many bytes all of them hold, as they were weighed last."""
        return self.held.total()

    def find(self, text: str) -> Prepared | None:
        """Return the document kept under *text*."""
        return self.kept[text][0] if text in self.kept else None

    def keep(self, text: str, document: Prepared, client: Hashable) -> None:
        """Keep *document*, or weigh it anew, for what is compiled of it counts; then make room."""
        document, client = self.kept.setdefault(text, (document, client))
        sizes = self.sizes.setdefault(client, OrderedDict())
        self.held[client] += document.size - sizes.get(text, 0)
        sizes[text] = document.size
        sizes.move_to_end(text)
        while self.size > self.capacity and len(self.kept) > 1:
            self._drop_one()

    def _drop_one(self) -> None:
        """Drop what was asked for longest ago of the documents of the client that holds most."""
        ((client, _),) = self.held.most_common(1)
        oldest, size = self.sizes[client].popitem(last=False)
        del self.kept[oldest]
        self.held[client] -= size
        if not self.sizes[client]:
            del self.sizes[client], self.held[client]


def prepare(schema: GraphQLSchema, text: str) -> Prepared:
    """Parse and measure *text*. Raises: GraphQLError, for what cannot be read or is over the limits."""
    if len(text) > LONGEST_DOCUMENT:
        raise too_much("long", f"{len(text):,} characters", f"{LONGEST_DOCUMENT:,}", "DOCUMENT_TOO_LONG")
    try:
        document = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLSyntaxError as error:
        if out_of_tokens(error, MOST_TOKENS):
            more = f"more than {MOST_TOKENS:,} tokens"
            raise too_much("long", more, f"{MOST_TOKENS:,}", "DOCUMENT_TOO_LONG") from None
        error.extensions = {"code": "SYNTAX_ERROR"}
        raise
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) > MOST_OPERATIONS:
        raise too_much("long", f"{len(operations)} operations", f"{MOST_OPERATIONS}", "DOCUMENT_TOO_LONG")
    walk = Walk(schema, document)
    demands = {d.name.value if d.name else None: walk.operation(d) for d in operations}
    return Prepared(document, demands, Plans(document, walk.needed))


def invalid(schema: GraphQLSchema, document: DocumentNode, rules: Sequence[type[ASTValidationRule]]) -> list[GraphQLError]:
    """Return what is wrong with *document*: the first errors, for each suggests names, or the first overlap of a valid one."""
    asked = [*(rule for rule in rules if rule is not OverlappingFieldsCanBeMergedRule), *ALSO_VALID]
    errors = errors_in(schema, document, asked, MOST_ERRORS)
    if not errors and (overlap := Overlaps(schema, document).found()) is not None:
        errors = [overlap]
    for error in errors:
        error.extensions = {"code": "INVALID_DOCUMENT", **(error.extensions or {})}
    return errors


class PreparedDocuments(SchemaExtension):
    """Puts the prepared document in place of parsing and validation, and checks scopes and cost once a document.

    `Steps` asks it: the hooks of strawberry would be wrapped anew for each request.
    """

    documents = Documents()

    def __init__(self, *, execution_context: ExecutionContext | None = None) -> None:
        super().__init__(execution_context=execution_context)
        self.prepared: Prepared | None = None

    async def find(self) -> None:
        """Take the document from those prepared before, or prepare it."""
        execution = self.execution_context
        text, schema = execution.query or "", core_schema(execution.schema)
        if (prepared := self.documents.find(text)) is None:
            prepared = await self.taken(prepare, schema, text)
        self.prepared, execution.graphql_document = prepared, prepared.document
        execution.context.plans = prepared.plans

    async def check(self) -> None:
        """Answer with what is over the limits, or the scopes that are missing, or what is invalid; else keep the document."""
        if self.prepared is not None:
            self.execution_context.pre_execution_errors = await self.judge(self.prepared)

    async def ready(self) -> None:
        """Tell the schema beside the event loop, and the same again from what was told before; there coerce many variables."""
        execution, prepared = self.execution_context, self.prepared
        demand = None if prepared is None else prepared.demand(execution.operation_name)
        if prepared is not None and demand is not None and demand.introspects:
            execution.result = await in_thread(_described, prepared, execution)
        elif prepared is not None and many(execution.variables):
            execution.context.much = True
            execution.context.variables = await asyncio.to_thread(_coerced, prepared, execution)

    async def judge(self, prepared: Prepared) -> list[GraphQLError]:
        """Return why the document is refused. What is dear comes last: only what may run is validated, and once."""
        execution = self.execution_context
        text, documents = execution.query or "", self.documents
        try:
            if errors := self.refusals(prepared):
                return errors
        except RecursionError:
            return [too_deep()]
        if documents.find(text) is None:
            schema, rules = core_schema(execution.schema), execution.validation_rules
            if errors := await self.taken(invalid, schema, prepared.document, rules):
                return errors
        documents.keep(text, prepared, execution.context.principal.client_id)
        return []

    async def taken(self, step: Callable[..., Made], *arguments: Any) -> Made:
        """Return what *step* makes of the document; of a long one beside the event loop. Raises: GraphQLError."""
        try:
            long = len(self.execution_context.query or "") > LONG
            return await in_thread(step, *arguments) if long else step(*arguments)
        except RecursionError:
            raise too_deep() from None

    def refusals(self, prepared: Prepared) -> list[GraphQLError]:
        """Return why this caller may not run the operation with these variables."""
        execution = self.execution_context
        context: RequestContext = execution.context
        visits = context.principal == VISITOR
        demand = prepared.demand(execution.operation_name)
        if visits and not (demand is not None and demand.public):
            return [_refused(Unauthenticated(problem=NO_KEY))]
        if demand is None:
            return []
        if demand.errors:
            return list(demand.errors)
        missing = sorted(demand.scopes - context.principal.scopes)
        if missing:
            return [_refused(MissingScope(scope=scope.value), scope=scope.value) for scope in missing]
        context.cost = demand.price(execution.variables or {})
        if context.cost > (highest := HIGHEST_COST_OF_A_VISIT if visits else HIGHEST_COST):
            told = f"more than {HIGHEST_COST:,}" if context.cost > HIGHEST_COST else f"{context.cost:,}"
            message = f"The document costs {told}, at most {highest:,} is allowed: ask for smaller pages."
            return [GraphQLError(message, extensions={"code": "DOCUMENT_TOO_COSTLY", "cost": context.cost})]
        return []

    def get_results(self) -> dict[str, Any]:
        """Tell the cost in the answer's extensions."""
        return {"cost": self.execution_context.context.cost}


class Steps(SchemaExtensionsRunner):
    """Has the one extension that there is do its part before each step of an operation."""

    def __init__(self, execution_context: ExecutionContext, extensions: list[SchemaExtension]) -> None:
        super().__init__(execution_context, extensions)
        (extension,) = extensions
        assert isinstance(extension, PreparedDocuments)  # noqa: S101 - the schema names no other
        self.documents = extension

    def operation(self) -> Any:
        """Do nothing before an operation."""
        return nullcontext()

    def parsing(self) -> Any:
        """Find the document before it would be parsed."""
        return Before(self.documents.find)

    def validation(self) -> Any:
        """Check the document before it would be validated."""
        return Before(self.documents.check)

    def executing(self) -> Any:
        """Make ready what there is before an operation is executed."""
        return Before(self.documents.ready)

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        """Return what an answer tells beside its data."""
        return self.documents.get_results() | ctx.extensions_results


class Before:
    """Does a *step* before a block."""

    __slots__ = ("step",)

    def __init__(self, step: Callable[[], Awaitable[None]]) -> None:
        self.step = step

    async def __aenter__(self) -> None:
        await self.step()

    async def __aexit__(self, *_: object) -> None:
        """Leave errors to whoever wants them."""


def _refused(error: OmsError, **more: str) -> GraphQLError:
    return GraphQLError(error.message, extensions={"code": error.code, **more}, original_error=error)


def _described(prepared: Prepared, execution: ExecutionContext) -> ExecutionResult:
    """Return what an operation tells of the schema; one without variables tells the same each time, so that is kept."""
    name = execution.operation_name
    if (known := prepared.answers.get(name)) is not None:
        return known
    schema, document = core_schema(execution.schema), prepared.document
    result = execute_sync(schema, document, variable_values=execution.variables, operation_name=name)
    operation = get_operation_ast(document, name)
    if operation is not None and not operation.variable_definitions and result.data is not None:
        prepared.answers[name] = result
        prepared.answered_bytes += BYTES_AN_ANSWERED_BYTE * len(orjson.dumps(result.data))
    return result


def _coerced(prepared: Prepared, execution: ExecutionContext) -> VariableValues | list[GraphQLError] | None:
    """Return the variables as graphql-core would coerce them, or what is wrong with them; None without an operation."""
    operation = get_operation_ast(prepared.document, execution.operation_name)
    return None if operation is None else coerced_or_refused(core_schema(execution.schema), operation, execution.variables)


async def in_thread(function: Callable[..., Made], *arguments: Any) -> Made:
    """Return what *function* makes in the one thread for what takes long; the event loop has turns meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(THREAD, function, *arguments)
