"""Operations over WebSocket, in the protocol graphql-transport-ws: queries and subscriptions, never mutations."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, cast

import structlog
from starlette.websockets import WebSocket
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from oms_api.domain.access.errors import Unauthenticated
from oms_api.http.answering import payload
from oms_api.http.authorization import LONGEST, bearer
from oms_api.http.exchange import exchange_of
from oms_api.http.reading import GraphQLRequest, request_in
from oms_api.http.refusals import HttpRefusal, internal
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import Busy, Unavailable

if TYPE_CHECKING:
    from oms_api.http.graphql import GraphQLEndpoint

LOOK_S = 2.0
FORBIDDEN, TRY_AGAIN_LATER = 4403, 1013
LONGEST_REASON = 120
OVER_SOCKETS = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})
MEMBER = r'\s*"(id|type)"\s*:\s*"([^"\\\x00-\x1f]{1,200})"\s*'
FIRST, LAST = re.compile(rf"\s*\{{{MEMBER}(?:,{MEMBER})?,"), re.compile(rf"(?:,{MEMBER})?,{MEMBER}\}}\s*\Z")
WITHIN = 1_000
"""Within how many characters of an end of an unreadable message its id and type are looked for."""
log = structlog.get_logger("oms_api.http")


class SocketHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """One connection. Who it belongs to is known from connection_init on, and looked at again every 2 seconds."""

    principal: Principal | None = None
    watching: "asyncio.Task[None] | None" = None
    parameters: dict[str, Any]

    @property
    def endpoint(self) -> "GraphQLEndpoint":
        """The endpoint that took the connection."""
        return cast("GraphQLEndpoint", self.view)

    @property
    def handshake(self) -> WebSocket:
        """The request that opened the connection: the endpoint hands it over in the place of a context."""
        return cast("WebSocket", self.context)

    @property
    def request_id(self) -> str:
        """The id that the whole connection goes by."""
        return exchange_of(self.handshake.scope).request_id

    async def handle_message(self, message: Any) -> None:  # noqa: ANN401 - what a client sends
        """Handle a message; what is no message of the protocol closes the connection."""
        known = isinstance(message, dict) and isinstance(message.get("type"), str)
        if not known or not isinstance(message.get("id", ""), str):
            await self.handle_invalid_message("Failed to parse message")
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:  # noqa: ANN401 - what a client sends
        """Find out who connects, from the payload or the handshake; refuse with 4403, or 1013 where that cannot be told now."""
        given = message.get("payload") or {}
        if isinstance(given, dict) and not self.connection_init_received:
            try:
                self.principal = await bearer(self.endpoint.keyring, self._authorization(given))
            except (Unauthenticated, Busy, Unavailable) as error:
                code = FORBIDDEN if isinstance(error, Unauthenticated) else TRY_AGAIN_LATER
                await self.websocket.close(code=code, reason=str(error)[:LONGEST_REASON])
                return
            try:
                self.endpoint.shares.add(self.principal, self)
            except HttpRefusal as refusal:
                await self.websocket.close(code=TRY_AGAIN_LATER, reason=f"{refusal.code}: {refusal.message}"[:LONGEST_REASON])
                return
            exchange_of(self.handshake.scope).client = self.principal.name
            self.parameters = {name: value for name, value in given.items() if name.lower() != "authorization"}
            self.watching = asyncio.create_task(self._watch(self.principal))
        await super().handle_connection_init({"type": "connection_init", "payload": given})

    async def handle_subscribe(self, message: Any) -> None:  # noqa: ANN401 - what a client sends
        """Start an operation, if it is one."""
        if self.connection_acknowledged:
            try:
                request = _request(message.get("payload"))
                self._check_capacity()
            except HttpRefusal as refusal:
                await self._send_error(message["id"], [refusal.as_error(self.request_id)])
                return
            exchange_of(self.handshake.scope).operation = request.operation_name
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Carry out *operation*: with its own context, never a mutation, errors told as over HTTP."""
        context = self._new_context()
        try:
            source = await self.schema.stream(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.operation_name,
                allowed_operation_types=OVER_SOCKETS,
            )
            async with aclosing(source):
                async for result in source:
                    if not await self._send_result(operation, result):
                        return
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except Exception:
            log.exception("operation_failed", request_id=self.request_id)
            with suppress(Exception):
                await self._send_error(operation.id, [internal().as_error(self.request_id)])
                self.operations.pop(operation.id, None)
        finally:
            context.trips.stop()

    async def shutdown(self) -> None:
        """End what belongs to the connection."""
        if self.watching is not None:
            self.watching.cancel()
        if self.principal is not None:
            self.endpoint.shares.remove(self.principal, self)
        await super().shutdown()

    async def _send_result(self, operation: Operation[Any, None], result: object) -> bool:
        if not isinstance(result, ExecutionResult):
            raise ConnectionRejectionError
        answer: Any = payload(result, self.request_id, self.endpoint.report)
        if isinstance(result, PreExecutionError):
            self.operations.pop(operation.id, None)
            await self._send_error(operation.id, answer["errors"])
            return False
        await operation.send_operation_message({"id": operation.id, "type": "next", "payload": answer})
        return True

    async def _send_error(self, operation_id: str, errors: Sequence[Any]) -> None:
        message: Any = {"id": operation_id, "type": "error", "payload": errors}
        await self.send_message(message)

    def _check_capacity(self) -> None:
        if len(self.operations) >= (self.max_subscriptions_per_connection or 0):
            raise HttpRefusal(429, "TOO_MANY_OPERATIONS", "This connection has as many open operations as it may have.")
        if self.principal is not None:
            self.endpoint.shares.check_operations(self.principal)

    def _new_context(self) -> Any:  # noqa: ANN401 - the graphql floor knows its type
        assert self.principal is not None  # noqa: S101 - operations come after connection_init
        context = self.endpoint.context(self.principal, exchange_of(self.handshake.scope))
        context.connection_params = self.parameters
        return context

    def _authorization(self, given: dict[str, Any]) -> object:
        found = given.get("authorization", given.get("Authorization"))
        if found is None:
            found = self.handshake.headers.get("authorization")
        return found if not isinstance(found, str) or len(found) <= LONGEST else None

    async def _watch(self, principal: Principal) -> None:
        """Close the connection within 5 seconds of its key's end."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if await self.endpoint.keyring.still_valid(principal):
                    continue
                code, reason = FORBIDDEN, "The API key has expired or was revoked."
            except Exception as error:  # noqa: BLE001 - whatever keeps us from knowing
                log.warning("key_not_checked", request_id=self.request_id, error=type(error).__name__)
                code, reason = TRY_AGAIN_LATER, f"{Unavailable.code}: whether the API key is still valid cannot be told now."
            for operation_id in list(self.operations):
                await self.cleanup_operation(operation_id)
            with suppress(RuntimeError):
                await self.websocket.close(code=code, reason=reason)
            return


def subscriber_in(text: str) -> str | None:
    """Return the id of the `subscribe` message that *text* was meant to be, by the members before and behind its payload."""
    ends = (FIRST.match(text[:WITHIN]), LAST.search(text[-WITHIN:]))
    found = [value for end in ends if end is not None for value in end.groups() if value is not None]
    members = dict(zip(found[::2], found[1::2], strict=True))
    return members.get("id") if members.get("type") == "subscribe" else None


def _request(given: object) -> GraphQLRequest:
    """Return the request that a payload is. Raises: HttpRefusal, also where the payload could not even be read."""
    if isinstance(given, HttpRefusal):
        raise given
    return request_in(given)
