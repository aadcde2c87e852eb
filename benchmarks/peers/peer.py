"""A peer: a program that takes orders, ours or another, and the work that all of them do."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from benchmarks.client import Answer, Ask, Caller, UnexpectedAnswerError, asked, during
from benchmarks.machine import metered
from benchmarks.place import close
from benchmarks.shop import CURRENCY, Purchase, Shop
from benchmarks.stage import Running
from benchmarks.work import Taken, Work

ROUND_S = 3.0
FILLERS = 8
LISTED, DETAILED, SHIPPED_EVERY = 50, 50, 5
BUYERS, HOT_UNITS, RUSHES = 50, 20, 3
SHIPPING = {"title": "Standard", "price": {"amount": "5.00", "currencyCode": CURRENCY}}
WHAT = {
    "list": f"list of the {LISTED} newest orders",
    "detail": "order detail",
    "stock": "stock of one SKU at one location set",
    "place": "order of 3 lines placed and paid",
}


class Peer(Protocol):
    """A running program with a seeded shop."""

    server: Running
    asks: dict[str, Iterator[Ask]]
    """What to ask for each work, without end."""

    def place(self, purchase: Purchase) -> Ask:
        """Return what places an order and pays it."""

    async def fill(self, orders: int) -> None:
        """Have *orders* placed and paid, of them some shipped and refunded in part, and make what reads them."""

    async def connections(self, what: str, count: int) -> list[Caller]:
        """Open connections for a work, of which each process of the server takes its share."""

    def check(self, what: str, answer: Answer) -> None:
        """Raises: UnexpectedAnswerError, unless the answer is a whole one."""

    def outcome(self, answer: Answer) -> str:
        """Return what became of a buyer: sold, refused or failed."""


async def take(peer: Peer, what: str, clients: int) -> Taken:
    """Let *clients* do a work for some seconds."""
    return await done(peer, what, clients, during(ROUND_S, peer.asks[what]))


async def done(peer: Peer, what: str, clients: int, asks: Iterable[Ask]) -> Taken:
    """Ask all of *asks* and look at each answer."""
    async with connected(peer, what, clients) as connections:
        with metered(peer.server.processes) as usage:
            load = await asked(connections, asks)
    for answer in load.answers:
        peer.check(what, answer)
    return Taken(len(load.answers), load, usage)


async def rush(peer: Peer, shop: Shop, number: int) -> Counter[str]:
    """Let 50 buyers place and pay an order for one unit of the same SKU at once, and count what became of them."""
    buyers = [
        Purchase(f"hot-{number}-{buyer}", shop.channel_id, customer, ((hot_code(number), 1, "10.00"),))
        for buyer, customer in enumerate(shop.customers[:BUYERS])
    ]
    async with connected(peer, "place", BUYERS) as connections:
        load = await asked(connections, map(peer.place, buyers))
    return Counter(map(peer.outcome, load.answers))


@asynccontextmanager
async def connected(peer: Peer, what: str, count: int) -> AsyncIterator[list[Caller]]:
    """Open connections for a work until the block ends."""
    opened = await peer.connections(what, count)
    try:
        yield opened
    finally:
        close(opened)


def hot_code(number: int) -> str:
    """Return the code of the SKU of a rush."""
    return f"HOT-{number}"


def whole(answer: Answer, *parts: object) -> None:
    """Raises: UnexpectedAnswerError, unless the answer has all *parts*."""
    if not all(parts):
        raise UnexpectedAnswerError(repr(answer.body[:500]))


WORKS: tuple[Work[Peer], ...] = tuple(
    Work(
        f"{what}-{clients}",
        f"{text}, {clients} client{'s' * (clients > 1)}",
        "times",
        partial(take, what=what, clients=clients),
        warm=int(clients > 1),
    )
    for what, text in WHAT.items()
    for clients in (8, 1)
)
"""What is measured; each is warm when one client comes after many, and what makes orders comes last."""
