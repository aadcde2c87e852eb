"""Batch loaders around returns."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.returns.queries import (
    pages_of_receipt_lines,
    pages_of_return_lines,
    receipt_lines_by_return_line,
    receipts_by_id,
    receipts_by_return,
    return_lines_by_id,
    returns_by_id,
    returns_by_order,
)
from oms_api.domain.returns.tables import ReturnLineRow, ReturnReceipt, ReturnReceiptLine, ReturnRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class ReturnById(BatchLoader[UUID, ReturnRow | None]):
    """Returns that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[ReturnRow | None]:
        found = await returns_by_id(read, keys)
        return [found.get(key) for key in keys]


class ReturnsByOrder(BatchLoader[UUID, Sequence[ReturnRow]]):
    """The returns of each order that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[ReturnRow]]:
        found = await returns_by_order(read, keys)
        return [found[key] for key in keys]


class LinesByReturn(BatchLoader[UUID, Page[ReturnLineRow]]):
    """A page of the lines of each return, in the order given."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[ReturnLineRow]]:
        found = await pages_of_return_lines(read, keys, self.page)
        return [found[key] for key in keys]


class ReturnLineById(BatchLoader[UUID, ReturnLineRow | None]):
    """Lines of returns that were seen before."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[ReturnLineRow | None]:
        found = await return_lines_by_id(read, keys)
        return [found.get(key) for key in keys]


class ReceiptsByReturn(BatchLoader[UUID, Sequence[ReturnReceipt]]):
    """The receipts of each return at locations that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[ReturnReceipt]]:
        found = await receipts_by_return(read, keys)
        return [found[key] for key in keys]


class ReceiptById(BatchLoader[UUID, ReturnReceipt | None]):
    """Receipts at locations that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[ReturnReceipt | None]:
        found = await receipts_by_id(read, keys)
        return [found.get(key) for key in keys]


class LinesByReceipt(BatchLoader[UUID, Page[ReturnReceiptLine]]):
    """A page of the lines of each receipt."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[ReturnReceiptLine]]:
        found = await pages_of_receipt_lines(read, keys, self.page)
        return [found[key] for key in keys]


class ReceiptLinesByReturnLine(BatchLoader[UUID, Sequence[ReturnReceiptLine]]):
    """What came of each line of a return to locations that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Sequence[ReturnReceiptLine]]:
        found = await receipt_lines_by_return_line(read, keys)
        return [found[key] for key in keys]
