"""What leaves for the database is counted: a request's log line, its Server-Timing and tests tell how much that was.

Whoever sends says so with `trip`. Whoever listens with `counted` hears what it sends itself and what the tasks send that
it starts meanwhile.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from types import TracebackType
from typing import Final


class Traffic:
    """The statements and the round trips that somebody needed, and how long at least one of them was on its way."""

    __slots__ = ("away", "since", "statements", "trips", "waited_s")

    def __init__(self) -> None:
        self.statements = self.trips = self.away = 0
        self.since = self.waited_s = 0.0

    def left(self, texts: Sequence[str]) -> None:
        """Count a packet with the statements *texts* that leaves now."""
        if not self.away:
            self.since = perf_counter()
        self.away += 1
        self.trips += 1
        self.statements += len(texts)

    def returned(self) -> None:
        """Note that the answers to a packet are there, or that it failed."""
        self.away -= 1
        if not self.away:
            self.waited_s += perf_counter() - self.since

    def __str__(self) -> str:
        """Return both counts in words."""
        return f"{self.statements} statements, {self.trips} trips"


LISTENING: Final[ContextVar[tuple[Traffic, ...]]] = ContextVar("LISTENING", default=())


@contextmanager
def counted(traffic: Traffic) -> Iterator[None]:
    """Count in *traffic*, beside who listens already, what this task and those that it starts send during the block."""
    before = LISTENING.set((*LISTENING.get(), traffic))
    try:
        yield
    finally:
        LISTENING.reset(before)


class trip:  # noqa: N801 - reads as a verb where it is used
    """One round trip with the statements *texts*: it begins when this is made and ends with the block, or by `end`."""

    __slots__ = ("listening",)

    def __init__(self, texts: Sequence[str]) -> None:
        self.listening = LISTENING.get()
        for traffic in self.listening:
            traffic.left(texts)

    def end(self) -> None:
        """Tell that the answers are there, or that it failed."""
        for traffic in self.listening:
            traffic.returned()

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        """End the trip, whatever came of it."""
        self.end()
