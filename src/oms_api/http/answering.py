"""From the outcome of an operation to what is sent: media types, statuses and errors (GraphQL over HTTP)."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from oms_api.http.refusals import HttpRefusal
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import Unavailable

PLAIN, RESPONSE, EVENTS = "application/json", "application/graphql-response+json", "text/event-stream"
OFFERED = {PLAIN: PLAIN, RESPONSE: RESPONSE, EVENTS: EVENTS, "application/*": RESPONSE, "*/*": PLAIN}
KINDS = {OperationType.QUERY: "queries", OperationType.MUTATION: "mutations", OperationType.SUBSCRIPTION: "subscriptions"}

FAULTS = {"INTERNAL": 500, Unavailable.code: 503}
"""The statuses of what no caller is to blame for."""

ContextFactory = Callable[[Principal, str], Any]
"""Makes the context of one operation, for a principal and a request id."""


class ErrorReporter(Protocol):
    """Turns errors into what clients see, masking what is internal."""

    def __call__(self, errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
        """Return *errors* for clients."""


@lru_cache(256)
def media_type(accept: bytes | None) -> str:
    """Return in which of our media types the caller wants the answer. Raises: HttpRefusal, 406."""
    if not accept or not accept.strip():
        return PLAIN
    wanted = []
    for place, part in enumerate(accept.decode("latin-1").lower().split(",")):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((_quality(p.removeprefix("q=")) for p in parameters if p.startswith("q=")), 1.0)
        if name in OFFERED and quality > 0:
            wanted.append((-quality, place, OFFERED[name]))
    if not wanted:
        raise HttpRefusal(406, "NOT_ACCEPTABLE", f"Accept {RESPONSE}, {PLAIN} or {EVENTS}.")
    return min(wanted)[-1]


def payload(result: ExecutionResult, request_id: str, report: ErrorReporter) -> dict[str, Any]:
    """Return the answer to an operation; without `data` where nothing ran, or nothing could be found out."""
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = report([_ours(error) for error in result.errors], request_id)
    if not (refused_whole(result) or unanswered(result, answer)):
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    return answer


def refused_whole(result: ExecutionResult) -> bool:
    """Tell whether nothing ran: the document or its variables were refused. Errors of fields have a path."""
    return result.data is None and any(error.path is None for error in result.errors or ())


def unanswered(result: ExecutionResult, answer: dict[str, Any]) -> bool:
    """Tell whether nothing could be found out, since the database is out of reach."""
    return Unavailable.code in codes(answer) and all(value is None for value in (result.data or {}).values())


def status_of(answer: dict[str, Any], media: str) -> int:
    """Return the status: in the old media type every answer to a well-formed request is 200."""
    if media == PLAIN or "data" in answer:
        return 200
    return next((status for code, status in FAULTS.items() if code in codes(answer)), 400)


def codes(answer: dict[str, Any]) -> set[str]:
    """Return the codes of the errors in an answer."""
    return {error["extensions"].get("code") for error in answer.get("errors", ())}


def malformed(error: Exception) -> str | None:
    """Return what is wrong with the request where strawberry could not even choose an operation, else None."""
    match error:
        case CannotGetOperationTypeError(operation_name=None):
            return "The document must hold one operation, or operationName must name one of several."
        case CannotGetOperationTypeError(operation_name=name):
            return f"The document has no operation named '{name}'."
        case InvalidOperationTypeError(args=(kind,)):
            return f"{KINDS[kind].capitalize()} are not allowed here: see the documentation for how to send them."
        case MissingQueryError():
            return "query is missing: it must be a GraphQL document."
    return None


def _ours(error: GraphQLError) -> GraphQLError:
    problem = malformed(error.original_error) if error.original_error is not None else None
    return error if problem is None else GraphQLError(problem, extensions={"code": "BAD_REQUEST"})


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
