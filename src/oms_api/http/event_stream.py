"""Server-sent events, in the distinct connections mode of graphql-sse."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from time import monotonic
from typing import Any

import orjson
from starlette.types import Receive, Send
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from oms_api.domain.access.keyring import Keyring
from oms_api.http.answering import ErrorReporter, payload
from oms_api.http.leaving import gone
from oms_api.http.reading import GraphQLRequest, only_reads
from oms_api.http.refusals import HttpRefusal, unauthenticated, unavailable
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import Busy, Unavailable

LOOK_S = 2.0
HEARTBEAT_S = 15.0
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Sends the results of one operation until it ends, the client leaves, its key ends or the server does."""

    def __init__(self, schema: BaseSchema, keyring: Keyring, report: ErrorReporter, *, closing: asyncio.Event) -> None:
        self.schema = schema
        self.keyring = keyring
        self.report = report
        self.closing = closing

    async def send(
        self,
        request: GraphQLRequest,
        principal: Principal,
        context: Any,  # noqa: ANN401 - the graphql floor knows its type
        request_id: str,
        allowed: frozenset[OperationType],
        receive: Receive,
        send: Send,
    ) -> None:
        """Carry out *request* and send its results; a mutation is carried to its end, whether or not the client stays."""
        source: AsyncGenerator[ExecutionResult, None] = await self.schema.stream(  # type: ignore[assignment]
            request.query,
            variable_values=request.variables,
            context_value=context,
            operation_name=request.operation_name,
            operation_extensions=request.extensions,
            allowed_operation_types=allowed,
        )
        ends = [asyncio.ensure_future(gone(receive)), asyncio.ensure_future(self.closing.wait())] if only_reads(request) else []
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            async with aclosing(self._events(source, principal, request_id, ends)) as events:
                async for event in events:
                    await send({"type": "http.response.body", "body": event, "more_body": True})
            await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})
        finally:
            context.trips.stop()
            for end in ends:
                end.cancel()

    async def _events(
        self,
        source: AsyncGenerator[ExecutionResult, None],
        principal: Principal,
        request_id: str,
        ends: "Sequence[asyncio.Future[Any]]",
    ) -> AsyncGenerator[bytes, None]:
        looked = spoken = monotonic()
        step = asyncio.ensure_future(_next(source))
        try:
            while not any(end.done() for end in ends):
                await asyncio.wait({step, *ends}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                if monotonic() - looked >= LOOK_S:
                    looked = monotonic()
                    if (refusal := await self._refusal(principal)) is not None:
                        yield b"event: next\ndata: " + refusal.body(request_id) + b"\n\n"
                        return
                if step.done():
                    result = step.result()
                    if result is None:
                        return
                    yield b"event: next\ndata: " + orjson.dumps(payload(result, request_id, self.report)) + b"\n\n"
                    spoken = monotonic()
                    step = asyncio.ensure_future(_next(source))
                elif monotonic() - spoken >= HEARTBEAT_S:
                    yield b": still here\n\n"
                    spoken = monotonic()
        finally:
            if ends:
                step.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await step
            await source.aclose()

    async def _refusal(self, principal: Principal) -> HttpRefusal | None:
        """Return why the stream must end: its key did, or nobody can tell."""
        try:
            valid = await self.keyring.still_valid(principal)
        except (Busy, Unavailable) as error:
            return unavailable(error)
        return None if valid else unauthenticated("The API key has expired or was revoked.")


async def _next(source: AsyncIterator[ExecutionResult]) -> ExecutionResult | None:
    return await anext(source, None)
