"""The same suggestion ordered by many at once, with real commits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from oms_api.db.engine import create_engine
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.planning.commands.order_suggestions import OrderSuggestions, order_suggestions
from oms_api.domain.planning.purchases import Wanted
from oms_api.domain.planning.tables import StockPlanLine
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import IdKind, parse_id
from tests.api.test_planning import planned, sells
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.purchasing import Buyer
from tests.factories.trading import Shop

CONNECTIONS = 16


@pytest.fixture
async def many(database: Database) -> AsyncIterator[UnitOfWork]:
    engine = create_engine(database.app_url, pool_size=CONNECTIONS)
    yield UnitOfWork(engine)
    await engine.dispose()


async def test_of_many_that_order_a_suggestion_at_once_one_does(many: UnitOfWork) -> None:
    buyer, shop = await Buyer.open(many), await Shop.open(many)
    sku = await buyer.supplied(await sells(shop))
    table = StockPlanLine
    ids: list[UUID] = []
    for plan in [await planned(many) for _ in range(2)]:
        async with many.reads(SYSTEM) as read:
            mine = (table.plan_id == parse_id(IdKind.STOCK_PLAN, plan), table.sku_id == sku.id)
            ids += await read.values(select(table.id).where(*mine))

    async def order(line: int) -> str:
        wanted = (Wanted(suggestion_id=ids[line], path=("suggestionIds", 0)),)
        try:
            await many.execute(SYSTEM, order_suggestions, OrderSuggestions(idempotency_key=uuid4().hex, wanted=wanted))
        except Refused as error:
            return error.causes[0].code
        return "DONE"

    assert Counter(await asyncio.gather(*(order(n % 2) for n in range(16)))) == {"DONE": 1, "ALREADY_ORDERED": 15}
    async with many.reads(SYSTEM) as read:
        orders = await read.all(select(PurchaseOrderRow).where(PurchaseOrderRow.supplier_id == buyer.supplier.id))
        assert len(orders) == 1
