"""What one key may hold open in this process, so that it leaves room for the others."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sized
from contextlib import contextmanager, nullcontext
from dataclasses import field
from typing import Protocol

from oms_api.http.refusals import RETRY_AFTER, HttpRefusal
from oms_api.kernel.access import VISITOR, Principal
from oms_api.kernel.dataclass import dataclass

VISITORS = "{most} requests without a key are being answered, as many as may be at a time: come again."


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


class UnderWay:
    """Counts what is under way in this process, *most* at a time of each holder; beyond that it tells *what*."""

    def __init__(self, most: int, code: str, what: str) -> None:
        self.most, self.code, self.what = most, code, what
        self.counts = Counter[Hashable]()

    @contextmanager
    def one_more(self, holder: Hashable = None) -> Iterator[None]:
        """Count one of *holder* for the time of the block. Raises: HttpRefusal, 429."""
        if self.counts[holder] >= self.most:
            raise HttpRefusal(429, self.code, self.what.format(most=self.most), [RETRY_AFTER])
        self.counts[holder] += 1
        try:
            yield
        finally:
            self.counts[holder] -= 1
            self.counts += Counter()  # whoever has nothing under way is forgotten


class Shares:
    """The shares of all keys: *most_sockets* WebSockets each, and *most_operations* on these and as event streams.

    Whoever has no key shares *most_visits* requests at a time with all others who have none.
    """

    def __init__(self, *, most_sockets: int, most_operations: int, most_visits: int) -> None:
        self.most_sockets = most_sockets
        self.most_operations = most_operations
        self.visits = UnderWay(most_visits, "TOO_MANY_VISITORS", VISITORS)
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
        with self.visits.one_more() if principal == VISITOR else nullcontext():
            yield

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
