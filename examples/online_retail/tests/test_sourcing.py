"""Two profiles over a small year: what the API says of them is what can be counted by hand."""

from datetime import datetime, timedelta

from examples.online_retail.platform import connected
from examples.online_retail.shop import OPENED
from examples.online_retail.sourcing import compared
from oms_api.kernel.address import Address
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import working
from tests.factories.given import Given
from tests.factories.served import served, settings_for
from tests.factories.trading import Shop, line


async def test_profiles_are_compared_over_three_locations(fresh_database: Database) -> None:
    async with (
        served(settings_for(fresh_database), schema=None) as running,
        working(fresh_database.app_url, running.oms.work, SUBSCRIBERS),
    ):
        work = running.oms.work
        given = Given(work)
        leeds = await given.location("online-retail")
        shop = Shop(work, await given.channel("online-retail", locations=(leeds,)), (leeds,))
        cup = await given.sku("CUP")
        await given.adjust(cup.id, leeds.id, 100, OPENED)
        for day, (country, units) in enumerate((("GB", 2), ("IE", 3), ("NL", 9), ("ES", 1)), start=1):
            at: datetime = OPENED + timedelta(days=day)
            await shop.place(line(cup, units), at=at, shipping_address=Address(country=country))
        async with connected(running.address, (await running.key()).text) as platform:
            happened, cost, near = await compared(platform, units=8)
    assert (happened["by"], happened["orders"], happened["shipments"], happened["split"]) == ("what happened", "4", "4", "0")
    assert happened["cost"] == "47.82"  # 3.54 to GB; 14.68, 15.04 and 14.56 abroad
    assert near["by"] == "year-near"
    assert cost["cost"] == "31.39"  # Ireland from Dublin, Spain from Venlo, which has too few for the Netherlands
    assert (cost["shipments"], cost["short"]) == ("4", "0 units of 0 orders")
