"""The demo shop."""

from sqlalchemy import func, select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.tables import InventoryLevelRow, StockMovementRow
from oms_api.kernel.access import Principal
from oms_api.workflows.seed_demo import seed
from tests.factories.given import Given
from tests.factories.raw import raw


async def test_the_demo_shop_is_made_once(fresh_work: UnitOfWork, principal: Principal) -> None:
    made = await seed(fresh_work, principal)
    assert made is not None
    assert (len(made.locations), len(made.channels), len(made.skus), len(made.customers)) == (3, 2, 12, 2)
    assert await seed(fresh_work, principal) is None
    async with fresh_work.reads(principal) as read:
        assert await read.value(raw(select(func.count()).select_from(SkuRow))) == 12
        assert await read.value(raw(select(func.sum(InventoryLevelRow.on_hand)))) == 8 * (120 + 80 + 12)
        assert await read.value(raw(select(func.count()).select_from(StockMovementRow))) == 24


async def test_nothing_is_added_to_a_shop_of_somebodys_own(fresh_work: UnitOfWork, principal: Principal) -> None:
    await Given(fresh_work).sku()
    assert await seed(fresh_work, principal) is None
