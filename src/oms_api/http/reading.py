"""From bytes to a GraphQL request, strictly: what could mean two things is refused (GraphQL over HTTP)."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.types import Message, Receive, Scope

from oms_api.http.exchange import header
from oms_api.http.refusals import HttpRefusal, bad_request, too_large
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.document_length import LONGEST_DOCUMENT, MOST_TOKENS

LARGEST_BODY = 8 << 20
LARGEST_PLAIN_BODY = 1 << 20
MOST_VALUES = 250_000
"""How many values a body may separate by commas: 10,000 rows have 60,000, and a million take a third of a second to read."""
LARGEST_PUBLIC_BODY, LONGEST_PUBLIC_DOCUMENT = 16 << 10, 2_000
PUBLIC_FIELDS = frozenset({"orderTracking"})
"""The root fields that need no key: what lets one in is among their arguments."""
CART_FIELDS = {
    *("orderPlace", "ordersPlace", "orderDraftCreate", "orderDraftUpdate", "orderEdit", "orderChangeRequest"),
    *("orderIntakeResolve", "orderPricePreview", "orderEditPreview", "sourcingPreview"),
}
BULK_FIELDS = frozenset({*CART_FIELDS, "skusUpsert", "inventoryAdjust", "inventorySync", "trackingImport"})
OPERATION_WORDS = ("query", "mutation", "subscription")
ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:0000|\{0+\})")
CONTENT_TYPE = re.compile(rb'application/json(?:\s*;\s*charset="?utf-?8"?)?\s*', re.IGNORECASE)
GET_PARAMETERS = frozenset({"query", "operationName", "variables", "extensions"})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to carry out."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


async def read_post(scope: Scope, receive: Receive, largest: int = LARGEST_BODY) -> GraphQLRequest:
    """Return the request in the body of *largest* bytes at most. Raises: HttpRefusal."""
    content_type = header(scope, b"content-type")
    if content_type is None or not _is_json(content_type):
        message = "Send application/json, in UTF-8, as Content-Type."
        raise HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", message, [(b"accept", b"application/json")])
    if header(scope, b"content-encoding") not in {None, b"identity"}:
        raise HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as it is, without a Content-Encoding.")
    body = await read_body(scope, receive, largest)
    check_values(body.count(b","))
    request = request_in(decode(body))
    if len(body) > LARGEST_PLAIN_BODY and not is_bulk(request):
        hint = f" Up to {LARGEST_BODY >> 20} MiB are read for {', '.join(sorted(BULK_FIELDS))}, with their rows as variables."
        raise too_large(LARGEST_PLAIN_BODY, hint)
    return request


def read_get(scope: Scope) -> GraphQLRequest:
    """Return the request in the address. Raises: HttpRefusal."""
    try:
        pairs = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise bad_request("The query string is not UTF-8 in percent-encoding.") from error
    given = dict(pairs)
    if len(given) < len(pairs):
        raise bad_request("A parameter of the query string is given twice.")
    parameters: dict[str, Any] = {name: value for name, value in given.items() if name in GET_PARAMETERS}
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = decode(parameters[name].encode(), f".{name}") if parameters[name] else None
    if any("\0" in value for value in given.values()):
        raise bad_request("Strings must not contain NUL.")
    return request_in({**parameters, "operationName": parameters.get("operationName") or None})


async def read_body(scope: Scope, receive: Receive, largest: int = LARGEST_BODY) -> bytes:
    """Return the whole body, reading no more than is allowed. Raises: HttpRefusal."""
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > largest:
        raise too_large(largest)
    message = await _part(receive)
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    body = bytearray(message.get("body", b""))
    while message.get("more_body"):
        message = await _part(receive)
        body += message.get("body", b"")
        if len(body) > largest:
            raise too_large(largest)
    return bytes(body)


def check_values(commas: int) -> None:
    """Demand that what has so many commas is read in little time. Raises: HttpRefusal."""
    if commas > MOST_VALUES:
        raise HttpRefusal(413, "PAYLOAD_TOO_LARGE", f"The body has more than {MOST_VALUES:,} values, by its commas.")


def decode(text: bytes | str, at: str = "") -> object:
    """Return the JSON value in *text*: no NaN, no half surrogate pair, no NUL. Raises: HttpRefusal, naming where a NUL is."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"This is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from error
    if (b"\\u0000" in text if isinstance(text, bytes) else "\\u0000" in text) and (where := _nul_in(value, at)) is not None:
        raise bad_request(f"Strings must not contain NUL, and {where.replace('variables.', '$', 1)} does.")
    return value


def request_in(value: object) -> GraphQLRequest:
    """Return the request that the JSON *value* is. Raises: HttpRefusal."""
    if isinstance(value, list):
        raise bad_request("Send one operation in one request; batches are not taken.")
    if not isinstance(value, dict):
        raise bad_request('Send an object such as {"query": "{ __typename }"}.')
    query = value.get("query")
    if not isinstance(query, str) or not query.strip():
        raise bad_request("query is missing: it must be a GraphQL document.")
    if "\\u" in query and ESCAPED_NUL.search(query):
        raise bad_request("Strings must not contain NUL.")
    operation_name = value.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise bad_request("operationName must be a string.")
    if operation_name is None and sum(map(query.count, OPERATION_WORDS)) > 1 and len(operations_of(query)) > 1:
        raise bad_request("The document holds several operations: name one with operationName.")
    return GraphQLRequest(query, operation_name, _object(value, "variables"), _object(value, "extensions"))


def is_bulk(request: GraphQLRequest) -> bool:
    """Tell whether the document calls one of the fields that take many rows, and nothing else could run in its place."""
    operations = operations_of(request.query)
    return bool(operations) and all(
        any(isinstance(field, FieldNode) and field.name.value in BULK_FIELDS for field in operation.selection_set.selections)
        for operation in operations
    )


def only_reads(request: GraphQLRequest) -> bool:
    """Tell whether nothing that the document could run is a mutation."""
    return all(operation.operation is not OperationType.MUTATION for operation in operations_of(request.query))


def is_public(request: GraphQLRequest) -> bool:
    """Tell whether all that the document could run are queries that ask, without detours, for what needs no key."""
    if len(request.query) > LONGEST_PUBLIC_DOCUMENT:
        return False
    operations = operations_of(request.query)
    return bool(operations) and all(map(_asks_for_public, operations))


def _asks_for_public(operation: OperationDefinitionNode) -> bool:
    roots = {each.name.value if isinstance(each, FieldNode) else "" for each in operation.selection_set.selections}
    return (
        operation.operation is OperationType.QUERY and bool(roots & PUBLIC_FIELDS) and roots <= PUBLIC_FIELDS | {"__typename"}
    )


@lru_cache(64)
def operations_of(query: str) -> tuple[OperationDefinitionNode, ...]:
    """Return the operations of a document; none of one that cannot be parsed, for the schema will say why."""
    try:
        document = parse(query, no_location=True, max_tokens=MOST_TOKENS, max_source_length=LONGEST_DOCUMENT)
    except (GraphQLError, RecursionError):
        return ()
    return tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


@lru_cache(256)
def _is_json(content_type: bytes) -> bool:
    return CONTENT_TYPE.fullmatch(content_type) is not None


async def _part(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise bad_request("The body broke off.")
    return message


def _object(value: dict[str, Any], name: str) -> dict[str, Any] | None:
    found = value.get(name)
    if found is not None and not isinstance(found, dict):
        raise bad_request(f"{name} must be an object.")
    return found


def _nul_in(value: object, at: str) -> str | None:
    """Return where the first string with a NUL is in *value*, such as ``variables.input.rows[3].note``, or None."""
    left: list[tuple[str, object]] = [(at, value)]
    while left:
        match left.pop():
            case where, str(text):
                if "\0" in text:
                    return where[1:]
            case where, list(items):
                left.extend(reversed([(f"{where}[{index}]", item) for index, item in enumerate(items)]))
            case where, dict(members):
                left.extend(reversed([(f"{where}.{name}", item) for name, item in members.items()]))
                left.extend((f"{where}.{name[: name.index(chr(0))]}", name) for name in members if "\0" in name)
    return None
