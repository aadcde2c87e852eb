"""Verified keys in memory, so that a request costs no round trip and a revoked key still stops within 5 seconds."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from hashlib import blake2b
from time import monotonic
from typing import Generic, TypeVar

import structlog

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.access.authentication import Authenticated, authenticate, key_is_live
from oms_api.domain.access.commands.note_use import NOTED_EVERY, note_use
from oms_api.domain.access.errors import Unauthenticated
from oms_api.domain.access.key_text import parse_key_text
from oms_api.kernel.access import Principal, system_principal
from oms_api.kernel.ids import ApiKeyId
from oms_api.kernel.secrets import Secrets

TRUSTED_S = 2.5
"""How long an answer of the database is believed. With the 2 s between looks at an open connection it stays under 5 s."""
MOST_KEYS = 4_096

ACCESS = system_principal("access")
log = structlog.get_logger()
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Fresh(Generic[K, V]):
    """The most recently used answers, each believed for a short while; one question is asked once at a time."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self.seconds = seconds
        self.most = most
        self.kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self.asking: dict[K, asyncio.Task[V]] = {}

    def get(self, key: K) -> V | None:
        """Return what is known of *key* and still believed."""
        found = self.kept.get(key)
        if found is None or monotonic() - found[0] > self.seconds:
            return None
        self.kept.move_to_end(key)
        return found[1]

    async def ask(self, key: K, question: Callable[[], Awaitable[V]]) -> V:
        """Return the answer to *question*, shared by all who ask while it is being found. Failures are not kept."""
        task = self.asking.get(key)
        if task is None:
            task = self.asking[key] = asyncio.ensure_future(self._answer(key, question))
            task.add_done_callback(lambda done: self._asked(key, done))
        return await asyncio.shield(task)

    async def _answer(self, key: K, question: Callable[[], Awaitable[V]]) -> V:
        asked_at = monotonic()  # what changes while we ask counts from before
        try:
            answer = await question()
        except BaseException:
            self.kept.pop(key, None)
            raise
        self.kept[key] = (asked_at, answer)
        self.kept.move_to_end(key)
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)
        return answer

    def _asked(self, key: K, task: "asyncio.Task[V]") -> None:
        self.asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever asked has seen it; without this a caller that left would make it a warning


class Keyring:
    """Answers who holds a key, for one process."""

    def __init__(self, work: UnitOfWork, secrets: Secrets) -> None:
        self.work = work
        self.secrets = secrets
        self.holders: Fresh[bytes, Authenticated] = Fresh(seconds=TRUSTED_S, most=MOST_KEYS)
        self.live: Fresh[ApiKeyId, bool] = Fresh(seconds=TRUSTED_S, most=MOST_KEYS)
        self.notes: set[asyncio.Task[None]] = set()

    async def principal(self, text: str) -> Principal:
        """Return who holds the key *text*. Raises: Unauthenticated."""
        hashed = blake2b(text.encode(errors="surrogatepass"), digest_size=32).digest()
        found = self.holders.get(hashed)
        if found is None:
            parse_key_text(text)
            found = await self.holders.ask(hashed, lambda: self._look_up(text))
        if found.expires_at is not None and found.expired(self.work.clock()):
            raise Unauthenticated(problem="it has expired")
        return found.principal

    async def still_valid(self, principal: Principal) -> bool:
        """Tell whether the key behind *principal* is neither revoked nor expired; asked again and again by open connections."""
        if principal.key_id is None:
            return True
        key_id = principal.key_id
        known = self.live.get(key_id)
        return await self.live.ask(key_id, lambda: self._is_live(key_id)) if known is None else known

    async def stop(self) -> None:
        """Let what is being written down be finished."""
        await asyncio.gather(*self.notes, return_exceptions=True)

    async def _look_up(self, text: str) -> Authenticated:
        now = self.work.clock()
        async with self.work.reads(ACCESS) as read:
            found = await authenticate(read, self.secrets, text, now)
        if found.principal.key_id is not None and (found.last_used_at is None or found.last_used_at <= now - NOTED_EVERY):
            task = asyncio.ensure_future(self._note(found.principal.key_id))
            self.notes.add(task)
            task.add_done_callback(self.notes.discard)
        return found

    async def _is_live(self, key_id: ApiKeyId) -> bool:
        async with self.work.reads(ACCESS) as read:
            return await key_is_live(read, key_id, self.work.clock())

    async def _note(self, key_id: ApiKeyId) -> None:
        try:
            await self.work.execute(ACCESS, note_use, key_id)
        except Exception as error:  # noqa: BLE001 - no request may suffer from bookkeeping
            log.warning("key_use_not_noted", key_id=str(key_id), error=type(error).__name__)
