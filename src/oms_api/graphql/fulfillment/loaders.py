"""Batch loaders around fulfillment orders."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.fulfillment.queries import fulfillment_orders_by_id, fulfillment_orders_by_order, pages_of_work_lines
from oms_api.domain.fulfillment.tables import FulfillmentOrderLine, FulfillmentOrderRow
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class FulfillmentOrderById(BatchLoader[UUID, FulfillmentOrderRow | None]):
    """Fulfillment orders that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[FulfillmentOrderRow | None]:
        found = await fulfillment_orders_by_id(read, keys)
        return [found.get(key) for key in keys]


class FulfillmentOrdersByOrder(BatchLoader[UUID, list[FulfillmentOrderRow]]):
    """The fulfillment orders of each order that the caller may see, at most 250, oldest first."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[FulfillmentOrderRow]]:
        found = await fulfillment_orders_by_order(read, keys)
        return [found[key] for key in keys]


class LinesByFulfillmentOrder(BatchLoader[UUID, Page[FulfillmentOrderLine]]):
    """A page of the lines of each fulfillment order."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[FulfillmentOrderLine]]:
        found = await pages_of_work_lines(read, keys, self.page)
        return [found[key] for key in keys]
