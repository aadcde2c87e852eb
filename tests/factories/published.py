"""Whoever follows what is told of levels."""

from collections import Counter
from collections.abc import Sequence

from oms_api.db.outbox import FeedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.queries import EventFilter, events_after
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.jobs.tasks import react
from oms_api.kernel.ids import LevelId, SkuId
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM

TELLING = SUBSCRIBERS.reactions["level_changes"]
TOLD = "INVENTORY_LEVEL_CHANGED"
Change = dict[str, tuple[int, int]]


class LevelsPublished:
    """What is told of levels: of every SKU, or of one."""

    def __init__(self, work: UnitOfWork, database: Database, sku_id: SkuId | None = None) -> None:
        self.work = work
        self.database = database
        self.where = EventFilter(types=frozenset({TOLD}), sku_ids=None if sku_id is None else frozenset({sku_id}))

    async def events(self) -> Sequence[FeedEvent]:
        """Let all be told, and return it."""
        await relay_all(self.database.owner_url, Subscribers())
        while await react(self.work, TELLING):
            pass
        await relay_all(self.database.owner_url, Subscribers())
        async with self.work.reads(SYSTEM) as read:
            return await events_after(read, 0, self.where, 100_000)

    async def of(self, level: InventoryLevelRow) -> list[Change]:
        """Return what was told of one level, each time that it changed."""
        found = [event for event in await self.events() if event.subject_id == level.id]
        assert all((event.sku_id, event.location_ids) == (level.sku_id, [level.location_id]) for event in found)
        return [{name: tuple(moved) for name, moved in (event.changes or {}).items()} for event in found]

    async def numbers(self) -> dict[LevelId, Counter[str]]:
        """Return the numbers that whoever followed from the first event on would know of each level."""
        known: dict[LevelId, Counter[str]] = {}
        for event in await self.events():
            numbers = known.setdefault(LevelId(event.subject_id), Counter())
            for name, (was, now) in (event.changes or {}).items():
                assert (numbers[name], was == now) == (was, False)
                numbers[name] = now
        return known
