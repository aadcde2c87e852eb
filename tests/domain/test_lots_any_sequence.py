"""Whatever happens to stock in lots, all sums agree, promises leave lots alone, and only what is good leaves from the shelf."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from oms_api.domain.inventory.lots.tables import LotLevelRow
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.market import Dice
from tests.factories.raw import raw
from tests.factories.stockroom import Stockroom
from tests.factories.trading import findings

PROMISING = (
    "place", "place", "place", "place_together", "reserve", "order_held", "extend", "release", "expire_holds", "cancel", "fill",
    "source_again", "peg", "days_pass", "start", "put_back",
)  # fmt: skip
PLANNING = ("buy", "plan_transfer", "change_rule", "keep_back", "change_locations", "announce")
LEAVING = ("ship", "ship", "ship_transfer")
MOVING = (
    *("adjust",) * 4, "move", "move", "move", "set", "sync", "count", "count", "receive", "receive", "receive_transfer",
    "receive_transfer", "cancel_transfer", "take_back", "set_expired_aside", "change_expiry",
)  # fmt: skip
acts = st.lists(
    st.tuples(st.sampled_from(PROMISING + PLANNING + LEAVING * 2 + MOVING), st.integers(0, 2**16)), min_size=50, max_size=100
)
LAST_CLOCK = timedelta(hours=12)
"""By how much the last clock of all is behind UTC: a day is over everywhere once it is over there."""


class Held(NamedTuple):
    """Units of a lot at a level, and how many of them are set aside."""

    units: int
    aside: int
    expires_on: date | None


Lots = Mapping[tuple[UUID, UUID], Held]


@pytest.fixture(scope="module")
def at(database: Database) -> Iterator[Loop]:
    at = Loop(database)
    yield at
    at.run(at.pool.close())
    at.loop.close()


async def lots_of(market: Stockroom) -> Lots:
    table = LotLevelRow
    async with market.work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(table).where(table.sku_id.in_([sku.id for sku in market.skus]))))
    return {(row.level_id, row.lot_id): Held(row.on_hand, row.set_aside, row.expires_on) for row in rows}


def assert_good(act: str, before: Lots, after: Lots) -> None:
    if act in PROMISING + PLANNING:
        assert after == before
    if act in LEAVING:
        assert {key: held.aside for key, held in after.items()} == {key: held.aside for key, held in before.items()}
    if act == "ship":
        over = (datetime.now(UTC) - LAST_CLOCK).date()
        sent = [held.expires_on for key, held in after.items() if held.units < before[key].units]
        assert [day for day in sent if day is not None and day < over] == []


@settings(max_examples=settings().max_examples // 6)
@given(opening=st.integers(0, 2**16), acts=acts)
def test_lots_and_sums_agree(at: Loop, opening: int, acts: list[tuple[str, int]]) -> None:
    market = at.run(Stockroom.open(at.work, Dice(opening)))
    lots = at.run(lots_of(market))
    for act, seed in acts:
        at.run(market.carry_out(act, seed, note))
        before, lots = lots, at.run(lots_of(market))
        assert_good(act, before, lots)
    assert at.run(findings(at.work)) == []
