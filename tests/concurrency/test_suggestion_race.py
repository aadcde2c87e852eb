"""The same suggestion ordered by many at once, with real commits."""

from functools import partial
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.planning.commands.order_suggestions import OrderSuggestions, order_suggestions
from oms_api.domain.planning.purchases import WantedSuggestion
from oms_api.domain.planning.tables import StockPlanLineRow
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.kernel.ids import StockPlanId, StockPlanLineId, parse_id
from tests.api.test_planning import planned, sells
from tests.factories.given import SYSTEM
from tests.factories.purchasing import Buyer
from tests.factories.racing import race
from tests.factories.raw import raw
from tests.factories.trading import Shop


async def test_of_many_that_order_a_suggestion_at_once_one_does(many: UnitOfWork) -> None:
    buyer, shop = await Buyer.open(many), await Shop.open(many)
    sku = await buyer.supplied(await sells(shop))
    table = StockPlanLineRow
    ids: list[StockPlanLineId] = []
    for plan in [await planned(many) for _ in range(2)]:
        async with many.reads(SYSTEM) as read:
            mine = (table.plan_id == parse_id(StockPlanId, plan), table.sku_id == sku.id)
            ids += await read.values(raw(select(table.id).where(*mine)))

    async def order(line: int) -> None:
        wanted = (WantedSuggestion(suggestion_id=ids[line], path=("suggestionIds", 0)),)
        await many.execute(SYSTEM, order_suggestions, OrderSuggestions(idempotency_key=uuid4().hex, wanted=wanted))

    assert await race(partial(order, number % 2) for number in range(16)) == {"done": 1, "ALREADY_ORDERED": 15}
    async with many.reads(SYSTEM) as read:
        orders = await read.all(raw(select(PurchaseOrderRow).where(PurchaseOrderRow.supplier_id == buyer.supplier.id)))
        assert len(orders) == 1
