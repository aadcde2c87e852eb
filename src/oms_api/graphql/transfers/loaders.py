"""Batch loaders around transfers."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.coming import in_transit_by_level
from oms_api.domain.inventory.transfers.queries import (
    TransferTotals,
    pages_of_act_lines,
    pages_of_acts,
    pages_of_transfer_lines,
    totals_by_transfer,
    transfer_lines_by_id,
    transfers_by_id,
)
from oms_api.domain.inventory.transfers.tables import TransferAct, TransferActLine, TransferLineRow, TransferRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class TransferById(BatchLoader[UUID, TransferRow | None]):
    """Transfers of which the caller may see an end."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[TransferRow | None]:
        found = await transfers_by_id(read, keys)
        return [found.get(key) for key in keys]


class TotalsByTransfer(BatchLoader[UUID, TransferTotals]):
    """The units of all lines of each transfer."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[TransferTotals]:
        found = await totals_by_transfer(read, keys)
        return [found.get(key, TransferTotals()) for key in keys]


class LinesByTransfer(BatchLoader[UUID, Page[TransferLineRow]]):
    """A page of the lines of each transfer, in the order given."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[TransferLineRow]]:
        found = await pages_of_transfer_lines(read, keys, self.page)
        return [found[key] for key in keys]


class TransferLineById(BatchLoader[UUID, TransferLineRow]):
    """Lines of transfers that were seen before."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[TransferLineRow]:
        found = await transfer_lines_by_id(read, keys)
        return [found[key] for key in keys]


class ActsByTransfer(BatchLoader[UUID, Page[TransferAct]]):
    """A page of what was done with each transfer, oldest first."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[TransferAct]]:
        found = await pages_of_acts(read, keys, self.page)
        return [found[key] for key in keys]


class LinesByAct(BatchLoader[UUID, Page[TransferActLine]]):
    """A page of the lines of each act."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[TransferActLine]]:
        found = await pages_of_act_lines(read, keys, self.page)
        return [found[key] for key in keys]


class InTransitByLevel(BatchLoader[LevelKey, int]):
    """Units that left for each level and have not arrived; the levels were seen before."""

    async def load_batch(self, read: Reader, keys: list[LevelKey]) -> list[int]:
        found = await in_transit_by_level(read, keys)
        return [found.get(key, 0) for key in keys]
