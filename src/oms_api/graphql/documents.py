"""Documents, prepared once: parsed, measured, validated, and kept for the next request with the same text."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, OperationDefinitionNode, parse
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document
from strawberry.types.execution import ExecutionContext

from oms_api.graphql.context import RequestContext
from oms_api.graphql.internals import core_schema
from oms_api.graphql.limits import HIGHEST_COST, MOST_TOKENS, Demand, Walk
from oms_api.graphql.plans import Plans
from oms_api.kernel.errors import MissingScope

MOST_BYTES, LARGEST_KEPT = 64 * 2**20, 2**20
"""What all kept documents hold together, and what one of them may hold at most before anything of it is compiled."""
BYTES_A_DOCUMENT, BYTES_A_TOKEN, BYTES_A_CHARACTER = 20_000, 900, 4
"""What a prepared document holds, measured: whatever is in it, for each token, and for each character of its text."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what is known of it before any run."""

    document: DocumentNode
    demands: dict[str | None, Demand]
    errors: tuple[GraphQLError, ...]
    plans: Plans

    @property
    def size(self) -> int:
        """How many bytes it holds, about: it grows with what is compiled of it."""
        source = self.document.loc.source.body if self.document.loc else ""
        read = BYTES_A_TOKEN * self.document.token_count + BYTES_A_CHARACTER * len(source)
        return BYTES_A_DOCUMENT + read + self.plans.size

    def demand(self, operation_name: str | None) -> Demand | None:
        """Return what the operation asks for, or None where it does not exist or the name is needed."""
        if operation_name is None and len(self.demands) == 1:
            return next(iter(self.demands.values()))
        return self.demands.get(operation_name)


class Documents:
    """The documents seen last, by their text, as many as there is room for."""

    def __init__(self, room: int = MOST_BYTES) -> None:
        self.room = room
        self.kept: OrderedDict[str, Prepared] = OrderedDict()
        self.sizes: dict[str, int] = {}
        self.size = 0

    def prepare(self, execution: ExecutionContext) -> Prepared:
        """Return the document of *execution*, prepared. Raises: GraphQLSyntaxError."""
        text = execution.query or ""
        found = self.kept.get(text)
        if found is None:
            found = prepare(core_schema(execution.schema), text, execution)
            if found.size > LARGEST_KEPT:
                return found
            self.kept[text] = found
        self.kept.move_to_end(text)
        self._weigh(text, found)
        return found

    def _weigh(self, text: str, document: Prepared) -> None:
        """Count what *document* holds now, and drop what was asked for longest ago until all have room."""
        self.size += document.size - self.sizes.get(text, 0)
        self.sizes[text] = document.size
        while self.size > self.room and len(self.kept) > 1:
            oldest, _ = self.kept.popitem(last=False)
            self.size -= self.sizes.pop(oldest)


def prepare(schema: GraphQLSchema, text: str, execution: ExecutionContext) -> Prepared:
    """Parse, measure and validate *text*; what is over the limits is not validated.

    Raises: GraphQLSyntaxError; GraphQLError, for what is nested deeper than Python goes.
    """
    try:
        return _prepare(schema, text, execution)
    except RecursionError:
        raise GraphQLError("The document is nested too deeply.", extensions={"code": "DOCUMENT_TOO_DEEP"}) from None
    except GraphQLSyntaxError as error:
        error.extensions = {"code": "SYNTAX_ERROR"}
        raise


def _prepare(schema: GraphQLSchema, text: str, execution: ExecutionContext) -> Prepared:
    document = parse(text, max_tokens=MOST_TOKENS, no_location=False)
    walk = Walk(schema, document)
    demands = {
        d.name.value if d.name else None: walk.operation(d)
        for d in document.definitions
        if isinstance(d, OperationDefinitionNode)
    }
    errors = tuple(error for demand in demands.values() for error in demand.errors)
    if not errors:
        errors = tuple(_coded(e) for e in validate_document(schema, document, execution.validation_rules))
    return Prepared(document, demands, errors, Plans(document))


def _coded(error: GraphQLError) -> GraphQLError:
    error.extensions = {"code": "INVALID_DOCUMENT", **(error.extensions or {})}
    return error


class PreparedDocuments(SchemaExtension):
    """Puts the prepared document in place of parsing and validation, and checks scopes and cost once a document."""

    documents = Documents()

    def __init__(self, *, execution_context: ExecutionContext | None = None) -> None:
        super().__init__(execution_context=execution_context)
        self.prepared: Prepared | None = None

    def on_parse(self) -> Iterator[None]:
        """Take the document from those prepared before."""
        self.prepared = self.documents.prepare(self.execution_context)
        self.execution_context.graphql_document = self.prepared.document
        self.execution_context.context.plans = self.prepared.plans
        yield

    def on_validate(self) -> Iterator[None]:
        """Answer with the errors known, or with the scopes that are missing, or that it costs too much."""
        execution, prepared = self.execution_context, self.prepared
        if prepared is not None:
            execution.pre_execution_errors = list(prepared.errors or self.refusals(prepared))
        yield

    def refusals(self, prepared: Prepared) -> list[GraphQLError]:
        """Return why this caller may not run the operation with these variables."""
        execution = self.execution_context
        demand = prepared.demand(execution.operation_name)
        if demand is None:
            return []
        context: RequestContext = execution.context
        missing = sorted(demand.scopes - context.principal.scopes)
        if missing:
            return [_missing(MissingScope(scope=scope.value)) for scope in missing]
        context.cost = demand.price(execution.variables or {})
        if context.cost > HIGHEST_COST:
            message = f"The document costs {context.cost}, at most {HIGHEST_COST} is allowed: ask for smaller pages."
            return [GraphQLError(message, extensions={"code": "DOCUMENT_TOO_COSTLY", "cost": context.cost})]
        return []

    def get_results(self) -> dict[str, Any]:
        """Tell the cost in the answer's extensions."""
        return {"cost": self.execution_context.context.cost}


def _missing(error: MissingScope) -> GraphQLError:
    return GraphQLError(error.message, extensions={"code": error.code, "scope": error.scope}, original_error=error)
