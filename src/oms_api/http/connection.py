"""Connections as uvicorn has them, with the ends that it leaves open: headers that never come, answers that nobody takes.

Such a connection is cut off: one that is closed politely waits until its client has read.
"""

import asyncio

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEADERS_S = 10.0
"""How long the head of a request may take, from its first byte on or from the opening of the connection."""
MOST_OF_HEADERS = 64 << 10
"""How many bytes a head may have that has not ended."""
UNREAD_S = 30.0
LEAST_TAKEN = 16 << 10
"""Once more waits than a buffer holds (64 KiB beside the kernel's), a client must take so many bytes in each UNREAD_S."""
MOST_UNREAD = 1 << 20
"""How many bytes may wait for a client that asks for more by pings."""
log = structlog.get_logger("oms_api.http")


class TakenInTime(asyncio.Protocol):
    """Cuts off a client that does not take what waits for it. Behind the cursor of the last event that it read it can go on."""

    transport: asyncio.Transport
    waiting: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Begin to watch: the buffer is full."""
        super().pause_writing()
        if self.waiting is None:
            self._look_again(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """End watching: the client reads."""
        super().resume_writing()
        self._look_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """End watching: the connection is gone."""
        self._look_no_more()
        super().connection_lost(exc)

    def cut_off(self, why: str) -> None:
        """End the connection, whatever waits in it."""
        log.info("connection_cut_off", why=why, unread=self.transport.get_write_buffer_size())
        self.transport.abort()

    def _look_again(self, before: int) -> None:
        self.waiting = asyncio.get_running_loop().call_later(UNREAD_S, self._look, before)

    def _look(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left > before - LEAST_TAKEN:
            self.cut_off("its client does not read")
        else:
            self._look_again(left)

    def _look_no_more(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None


class HttpConnection(TakenInTime, HttpToolsProtocol):
    """A connection of requests. The head of each must come in time, and be no longer than it may."""

    begun: asyncio.TimerHandle | None = None
    headers_read = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Take what came; wait no more once the head of a request is whole."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect_no_headers()
        elif self.transport.get_protocol() is self and not self.transport.is_closing():
            self._expect_headers()
            self.headers_read += len(data) if self._within_headers() else 0
            if self.headers_read > MOST_OF_HEADERS:
                self.cut_off("its headers do not end")

    def handle_websocket_upgrade(self) -> None:
        """Let the connection become a WebSocket."""
        self._expect_no_headers()
        self._look_no_more()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._expect_no_headers()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that rested; an answer that is not read even now is given up."""
        self.transport.abort()

    def _expect_headers(self) -> None:
        if self.begun is None:
            self.begun = asyncio.get_running_loop().call_later(HEADERS_S, self.cut_off, "its headers do not come")

    def _within_headers(self) -> bool:
        """Tell whether a head has begun and not ended; what else comes is the rest of a body that was answered already."""
        return self.scope is not None and (self.cycle is None or self.cycle.scope is not self.scope)

    def _expect_no_headers(self) -> None:
        self.headers_read = 0
        if self.begun is not None:
            self.begun.cancel()
            self.begun = None


class SocketConnection(TakenInTime, WebSocketsSansIOProtocol):
    """A WebSocket. One that answers no ping ends, whatever waits in it."""

    def keepalive_timeout(self) -> None:
        """End a connection whose client does not answer."""
        super().keepalive_timeout()
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def handle_ping(self) -> None:
        """Answer a ping, unless too much is unread already."""
        super().handle_ping()
        if self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.cut_off("its client pings and does not read")
