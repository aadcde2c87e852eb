"""What is told of parcels on their way: alerts, promises and links."""

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop

SETTINGS = """
mutation ($input: ChannelUpdateInput!) {
  channelUpdate(input: $input) {
    channel { alertUnscannedAfterHours alertQuietAfterDays } userErrors { code field }
  }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def test_a_channel_says_after_how_long_parcels_raise_alerts(shop: Shop, work: UnitOfWork) -> None:
    ask, key = Ask(work, SYSTEM), text_id(IdKind.CHANNEL, shop.channel.id)
    assert (shop.channel.alert_unscanned_after_hours, shop.channel.alert_quiet_after_days) == (24, 3)
    given = {"id": key, "alertUnscannedAfterHours": None, "alertQuietAfterDays": 5}
    changed = (await ask(SETTINGS, input=given))["channelUpdate"]
    assert changed["channel"] == {"alertUnscannedAfterHours": None, "alertQuietAfterDays": 5}
    wrong = {"id": key, "alertUnscannedAfterHours": 721, "alertQuietAfterDays": 0}
    assert refusals((await ask(SETTINGS, input=wrong))["channelUpdate"]) == [
        ("INVALID_VALUE", ["alertUnscannedAfterHours"]), ("INVALID_VALUE", ["alertQuietAfterDays"]),
    ]  # fmt: skip
