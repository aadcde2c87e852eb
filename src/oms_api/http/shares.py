"""What one key may hold open in this process, so that it leaves room for the others."""

from collections.abc import Hashable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from oms_api.http.refusals import RETRY_AFTER, HttpRefusal
from oms_api.kernel.access import VISITOR, Principal


class Socket(Protocol):
    """A WebSocket with the operations that are open on it."""

    @property
    def operations(self) -> Sized:
        """What is open on it."""


@dataclass(slots=True)
class OpenShare:
    """What a key has open."""

    sockets: list[Socket] = field(default_factory=list)
    streams: int = 0

    @property
    def operations(self) -> int:
        """How many operations are open, on sockets and as event streams."""
        return self.streams + sum(len(socket.operations) for socket in self.sockets)


class Shares:
    """The shares of all keys: *most_sockets* WebSockets each, and *most_operations* on these and as event streams.

    Whoever has no key shares *most_visits* requests at a time with all others who have none.
    """

    def __init__(self, *, most_sockets: int, most_operations: int, most_visits: int) -> None:
        self.most_sockets = most_sockets
        self.most_operations = most_operations
        self.most_visits = most_visits
        self.visits = 0
        self._held: dict[Hashable, OpenShare] = {}

    def add(self, principal: Principal, socket: Socket) -> None:
        """Count *socket* until it is removed. Raises: HttpRefusal."""
        if len(self._of(principal).sockets) >= self.most_sockets:
            raise HttpRefusal(
                429, "TOO_MANY_SOCKETS", f"This key has {self.most_sockets} open sockets, as many as it may have."
            )
        self._held.setdefault(principal.holder, OpenShare()).sockets.append(socket)

    def remove(self, principal: Principal, socket: Socket) -> None:
        """Count *socket* no more, if it was counted."""
        share = self._of(principal)
        if socket in share.sockets:
            share.sockets.remove(socket)
            self._forget_empty(principal)

    @contextmanager
    def stream(self, principal: Principal) -> Iterator[None]:
        """Count an event stream for the time of the block. Raises: HttpRefusal."""
        self.check_operations(principal)
        share = self._held.setdefault(principal.holder, OpenShare())
        share.streams += 1
        try:
            yield
        finally:
            share.streams -= 1
            self._forget_empty(principal)

    @contextmanager
    def request(self, principal: Principal) -> Iterator[None]:
        """Count a request for the time of the block, if it came without a key. Raises: HttpRefusal."""
        visits = int(principal == VISITOR)
        if visits and self.visits >= self.most_visits:
            message = f"{self.most_visits} requests without a key are being answered, as many as may be at a time: come again."
            raise HttpRefusal(429, "TOO_MANY_VISITORS", message, [RETRY_AFTER])
        self.visits += visits
        try:
            yield
        finally:
            self.visits -= visits

    def check_operations(self, principal: Principal) -> None:
        """Demand room for one more operation. Raises: HttpRefusal."""
        if self._of(principal).operations >= self.most_operations:
            message = f"This key has {self.most_operations} open operations, as many as it may have over all its connections."
            raise HttpRefusal(429, "TOO_MANY_OPERATIONS", message, [RETRY_AFTER])

    def _of(self, principal: Principal) -> OpenShare:
        return self._held.get(principal.holder) or OpenShare()

    def _forget_empty(self, principal: Principal) -> None:
        share = self._of(principal)
        if not share.sockets and not share.streams:
            self._held.pop(principal.holder, None)
