"""Which supplier is preferred, said by many at once with real commits."""

from collections.abc import Sequence
from functools import partial

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.purchasing.tables import SupplierSkuRow
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer
from tests.factories.racing import race
from tests.factories.raw import raw


async def preferred(work: UnitOfWork, sku: SkuRow) -> Sequence[SupplierSkuRow]:
    table = SupplierSkuRow
    async with work.reads(SYSTEM) as read:
        return await read.all(raw(select(table).where(table.sku_id == sku.id, table.preferred)))


@pytest.mark.parametrize("known", [True, False])
async def test_of_many_that_are_preferred_at_once_one_is_and_nobody_is_refused(many: UnitOfWork, *, known: bool) -> None:
    buyers = [await Buyer.open(many) for _ in range(8)]
    skus = [await Given(many).sku() for _ in range(2)]
    if known:
        for buyer in buyers:
            for sku in skus:
                await buyer.supplied(sku)
    said = [(buyer, sku) for buyer in buyers for sku in skus]
    orders = [said, said[::-1], said[5:] + said[:5]]
    sayings = [partial(buyer.supply, sku, preferred=True) for order in orders for buyer, sku in order]
    assert await race(sayings) == {"done": len(sayings)}
    for sku in skus:
        assert len(await preferred(many, sku)) == 1
