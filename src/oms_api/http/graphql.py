"""The endpoint /graphql: POST and GET, server-sent events, and WebSocket."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.graphql import OperationType

from oms_api.domain.access.keyring import Keyring
from oms_api.http.answering import EVENTS, ContextFactory, ErrorReporter, malformed, media_type, payload, status_of
from oms_api.http.authorization import authorized
from oms_api.http.event_stream import EventStream
from oms_api.http.exchange import Exchange, exchange_of, header, refuse, respond
from oms_api.http.leaving import Watching
from oms_api.http.reading import (
    LARGEST_BODY,
    LARGEST_PUBLIC_BODY,
    GraphQLRequest,
    check_values,
    decode,
    is_public,
    only_reads,
    read_get,
    read_post,
)
from oms_api.http.refusals import RETRY_AFTER, HttpRefusal, bad_request
from oms_api.http.shares import Shares
from oms_api.http.socket import SocketHandler, subscriber_in
from oms_api.kernel.access import VISITOR, Principal

DEADLINE_S = 30.0
READ_DEADLINE_S = 30.0
INIT_WAIT = timedelta(seconds=10)
MOST_OPERATIONS = 100
ALLOWED = {
    ("GET", False): frozenset({OperationType.QUERY}),
    ("GET", True): frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION}),
    ("POST", False): frozenset({OperationType.QUERY, OperationType.MUTATION}),
    ("POST", True): frozenset(OperationType),
}


class SocketAdapter(ASGIWebSocketAdapter):
    """Sends JSON as text, as the protocol has it."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send *message*; a client that has left does not matter."""
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except (RuntimeError, WebSocketDisconnect):  # starlette's words for a socket that was closed, or vanished, meanwhile
            return


class GraphQLEndpoint(GraphQL[Any, None]):
    """Reads a request, knows who sends it, lets the schema carry it out, and answers.

    *closing* is set when the server wants to end: streams then end by themselves.
    """

    websocket_adapter_class = SocketAdapter
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        schema: BaseSchema,
        keyring: Keyring,
        new_context: ContextFactory,
        report: ErrorReporter,
        *,
        closing: asyncio.Event,
        shares: Shares,
        allowed_origins: Sequence[str] = (),
        deadline_s: float = DEADLINE_S,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=MOST_OPERATIONS,
            allowed_origins=allowed_origins,
        )
        self.keyring = keyring
        self.new_context = new_context
        self.report = report
        self.closing = closing
        self.shares = shares
        self.deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one WebSocket."""
        if scope["type"] == "websocket":
            await super().__call__(scope, receive, send)
            return
        try:
            await self.answer(scope, receive, send)
        except HttpRefusal as refusal:
            await refuse(refusal, exchange_of(scope).request_id, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request. Raises: HttpRefusal."""
        method = scope["method"]
        if method not in {"GET", "POST"}:
            raise HttpRefusal(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for a query.", [(b"allow", b"GET, POST")])
        media = media_type(header(scope, b"accept"))
        principal, request = await self._asked(media, scope, receive)
        exchange = exchange_of(scope)
        exchange.operation = request.operation_name
        allowed = ALLOWED[method, media == EVENTS]
        if media == EVENTS:
            stream = EventStream(self.schema, self.keyring, self.report, closing=self.closing)
            context = self.context(principal, exchange)
            with self.shares.stream(principal):
                await stream.send(request, principal, context, exchange.request_id, allowed, receive, send)
            return
        answer = await self.execute(request, principal, exchange, allowed, receive)
        status = status_of(answer, media)
        retry = [RETRY_AFTER] if status == 503 else []  # noqa: PLR2004 - HTTP's Service Unavailable
        await respond(send, status, f"{media}; charset=utf-8".encode(), orjson.dumps(answer), retry)

    async def execute(
        self,
        request: GraphQLRequest,
        principal: Principal,
        exchange: Exchange,
        allowed: frozenset[OperationType],
        receive: Receive,
    ) -> dict[str, Any]:
        """Carry out *request* and return the answer; who leaves ends a query, never a mutation. Raises: HttpRefusal."""
        context = self.context(principal, exchange)
        left = False

        def leave() -> None:
            nonlocal left
            if only_reads(request) and not deadline.expired():
                left = True
                deadline.reschedule(asyncio.get_running_loop().time())

        try:
            async with asyncio.timeout(self.deadline_s) as deadline:
                with self.shares.request(principal), Watching(receive, leave):
                    result = await self.schema.execute(
                        request.query,
                        variable_values=request.variables,
                        context_value=context,
                        operation_name=request.operation_name,
                        allowed_operation_types=allowed,
                        operation_extensions=request.extensions,
                    )
        except (CannotGetOperationTypeError, MissingQueryError) as error:
            raise bad_request(malformed(error) or "") from error
        except InvalidOperationTypeError as error:
            raise _wrong_kind(error) from error
        except TimeoutError as error:
            if not deadline.expired():
                raise
            if left:
                raise HttpRefusal(499, "CLIENT_LEFT", "The client left before the answer was there.") from error
            message = f"This took more than {self.deadline_s:g} s; a mutation can be sent again with the same idempotencyKey."
            raise HttpRefusal(504, "DEADLINE_EXCEEDED", message) from error
        finally:
            context.trips.stop()
        return payload(result, exchange.request_id, self.report)

    def context(self, principal: Principal, exchange: Exchange) -> Any:  # noqa: ANN401 - the graphql floor knows its type
        """Return the context of one operation of *exchange*, which tells how it was completed."""
        context = self.new_context(principal, exchange.request_id)
        context.completed = exchange.completed
        return context

    async def _asked(self, media: str, scope: Scope, receive: Receive) -> tuple[Principal, GraphQLRequest]:
        """Return who asks, and for what: without a key a visitor, for what is public. Raises: HttpRefusal."""
        if media != EVENTS and header(scope, b"authorization") is None:
            with suppress(HttpRefusal):  # whatever else comes without a key is told that it needs one
                if is_public(asked := await self._read(scope, receive, LARGEST_PUBLIC_BODY)):
                    exchange_of(scope).client = VISITOR.name
                    return VISITOR, asked
        principal = await authorized(self.keyring, scope)
        return principal, await self._read(scope, receive, LARGEST_BODY)

    async def _read(self, scope: Scope, receive: Receive, largest: int) -> GraphQLRequest:
        if scope["method"] == "GET":
            return read_get(scope)
        try:
            async with asyncio.timeout(READ_DEADLINE_S):
                return await read_post(scope, receive, largest)
        except TimeoutError as error:
            message = f"The body did not arrive within {READ_DEADLINE_S:g} s."
            raise HttpRefusal(408, "REQUEST_TIMEOUT", message, [(b"connection", b"close")]) from error

    def decode_json(self, data: str | bytes) -> object:
        """Return the message of a WebSocket; one that cannot be read, but for its id, has the refusal as its payload.

        Raises: json.JSONDecodeError.
        """
        text = data if isinstance(data, str) else data.decode()
        try:
            check_values(text.count(","))
            return decode(text)
        except HttpRefusal as refusal:
            if (operation_id := subscriber_in(text)) is not None:
                return {"id": operation_id, "type": "subscribe", "payload": refusal}
            raise orjson.JSONDecodeError(refusal.message, "", 0) from refusal

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:  # noqa: ANN401, ARG002 - strawberry's
        """Return what the handler of a WebSocket starts from; a context is made for each of its operations."""
        return request

    async def reject_websocket(self, request: WebSocket) -> WebSocket:
        """Refuse the handshake of a page of another origin."""
        exchange_of(request.scope).status = 403
        return await super().reject_websocket(request)


def _wrong_kind(error: InvalidOperationTypeError) -> HttpRefusal:
    kind: OperationType = error.args[0]
    if kind is OperationType.SUBSCRIPTION:
        return bad_request("Subscriptions need WebSocket (graphql-transport-ws), or Accept: text/event-stream.")
    return HttpRefusal(405, "METHOD_NOT_ALLOWED", "Mutations need POST.", [(b"allow", b"POST")])
