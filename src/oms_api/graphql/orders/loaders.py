"""Batch loaders around orders."""

from typing import Any
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.orders.queries import (
    discounts_by_order,
    orders_by_id,
    pages_of_lines,
    parties_by_order,
    shipping_by_order,
    taxes_by_order,
)
from oms_api.domain.orders.tables import OrderDiscount, OrderLine, OrderParty, OrderRow, OrderShipping, OrderTax
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class OrderById(BatchLoader[UUID, OrderRow | None]):
    """Orders that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[OrderRow | None]:
        found = await orders_by_id(read, keys)
        return [found.get(key) for key in keys]


class LinesByOrder(BatchLoader[UUID, Page[OrderLine]]):
    """A page of the lines of each order, in line order."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[OrderLine]]:
        found = await pages_of_lines(read, keys, self.page)
        return [found[key] for key in keys]


class PartyByOrder(BatchLoader[UUID, OrderParty | None]):
    """The people on each order. Personal."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[OrderParty | None]:
        found = await parties_by_order(read, keys)
        return [found.get(key) for key in keys]


class DiscountsByOrder(BatchLoader[UUID, list[OrderDiscount]]):
    """All discounts of each order."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[OrderDiscount]]:
        return _grouped(await discounts_by_order(read, keys), keys)


class TaxesByOrder(BatchLoader[UUID, list[OrderTax]]):
    """All taxes of each order."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[OrderTax]]:
        return _grouped(await taxes_by_order(read, keys), keys)


class ShippingByOrder(BatchLoader[UUID, list[OrderShipping]]):
    """The shipping charges of each order."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[list[OrderShipping]]:
        return _grouped(await shipping_by_order(read, keys), keys)


def _grouped(rows: Any, keys: list[UUID]) -> list[list[Any]]:
    grouped: dict[UUID, list[Any]] = {key: [] for key in keys}
    for row in rows:
        grouped[row.order_id].append(row)
    return [grouped[key] for key in keys]
