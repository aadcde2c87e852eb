"""Lots at levels know which of their units are set aside, as far as it was said, and never more than the level has."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.lots.policies import HeldLot
from oms_api.domain.inventory.lots.shelves import lots_held
from oms_api.domain.inventory.states import Bucket, MovementKind
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import LevelId
from tests.factories.keeping import Keeper
from tests.factories.lots import Pantry, lot
from tests.factories.trading import Shop, findings, line

FREE, CONTROL, DAMAGED = Bucket.FREE, Bucket.QUALITY_CONTROL, Bucket.DAMAGED


@pytest.fixture
async def pantry(work: UnitOfWork) -> AsyncIterator[Pantry]:
    yield Pantry(await Shop.open(work))
    assert await findings(work) == []


@pytest.fixture
def keeper(pantry: Pantry) -> Keeper:
    return Keeper(pantry.shop.work, pantry.shop.locations[0])


async def refused(doing: Pantry, *rows: tuple[SkuRow, int, Bucket, Bucket, str | None]) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await doing.move(*rows)
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def test_a_lot_that_is_set_aside_while_its_level_is_looked_at_loses_what_is_missed(
    pantry: Pantry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its units were free when the level was read, and set aside when its lots were."""
    milk = await pantry.goods((5, lot("old", -1)))
    times = count()

    async def expired_meanwhile(tx: Tx, ids: Collection[LevelId]) -> Mapping[LevelId, tuple[HeldLot, ...]]:
        if next(times) == 0:
            assert await pantry.expire() == 1
        return await lots_held(tx, ids)

    monkeypatch.setattr("oms_api.domain.inventory.levels.lots_held", expired_meanwhile)
    await pantry.adjust((milk, -2, lot("old")))
    assert await pantry.held(milk) == {"old": 3}
    assert await pantry.aside(milk) == {"old": 3}


async def test_units_brought_back_without_a_word_are_of_no_lot_then_of_what_expires_last(
    pantry: Pantry, keeper: Keeper
) -> None:
    milk = await pantry.goods((3, lot("A", 2)), (3, lot("B", 9)), (3, None))
    await pantry.move((milk, 3, FREE, CONTROL, "A"), (milk, 2, FREE, CONTROL, "B"), (milk, 2, FREE, DAMAGED, None))
    left = []
    for units, source in ((2, CONTROL), (1, CONTROL), (2, CONTROL), (2, DAMAGED)):
        await pantry.move((milk, units, source, FREE, None))
        left.append(await pantry.aside(milk))
    assert left == [{"A": 3, "B": 2}, {"A": 3, "B": 1}, {"A": 2}, {}]
    assert await pantry.held(milk) == {"A": 3, "B": 3, None: 3}
    await pantry.move((milk, 3, FREE, CONTROL, "A"))
    await keeper.set(milk, 1)
    assert sum((await pantry.aside(milk)).values()) <= (await keeper.buckets(milk))[3]


async def test_a_move_names_only_units_that_are_there(pantry: Pantry) -> None:
    milk = await pantry.goods((3, lot("A", 5)), (3, lot("B", 9)))
    await pantry.move((milk, 2, FREE, CONTROL, "A"))
    assert await pantry.moved(milk, MovementKind.MOVE) == [("A", 2)]
    assert await refused(pantry, (milk, 2, FREE, CONTROL, "A")) == [("LOT_SHORT", "moves.0.quantity")]
    assert await refused(pantry, (milk, 1, FREE, DAMAGED, "A"), (milk, 1, FREE, DAMAGED, "A")) == [
        ("LOT_SHORT", "moves.1.quantity")
    ]
    assert await refused(pantry, (milk, 1, FREE, CONTROL, "none\0")) == [("LOT_SHORT", "moves.0.quantity")]
    assert await refused(pantry, (milk, 3, CONTROL, FREE, "A")) == [("EMPTY_BUCKET", "moves.0.quantity")]
    await pantry.move((milk, 2, CONTROL, FREE, "A"), (milk, 3, FREE, DAMAGED, "A"))
    assert await pantry.aside(milk) == {"A": 3}


@pytest.mark.parametrize("scrapped_from", [CONTROL, DAMAGED])
async def test_throwing_away_what_has_expired_takes_nothing_of_what_is_promised(
    pantry: Pantry, keeper: Keeper, scrapped_from: Bucket
) -> None:
    milk = await pantry.goods((10, None), (5, lot("X", -1)))
    await pantry.expire()
    if scrapped_from is DAMAGED:
        await pantry.move((milk, 5, CONTROL, DAMAGED, None))
    await pantry.bring(milk, -5, bucket=scrapped_from)
    assert (await pantry.held(milk), await pantry.aside(milk)) == ({None: 10}, {})
    await pantry.ordered(milk, 10)
    await pantry.expire()
    assert (await keeper.buckets(milk))[:2] == (0, 10)


async def test_what_lies_in_quarantine_is_not_recorded_as_sold(pantry: Pantry) -> None:
    milk = await pantry.goods((5, lot("B", 300)))
    await pantry.bring(milk, 5, lot("A", 30), bucket=CONTROL)
    await pantry.shop.ship(await pantry.ordered(milk, 5))
    assert await pantry.moved(milk, MovementKind.SHIP) == [("B", 5)]
    assert (await pantry.held(milk), await pantry.aside(milk)) == ({"A": 5}, {"A": 5})


async def test_a_lot_is_written_off_where_it_lies(pantry: Pantry, keeper: Keeper) -> None:
    milk = await pantry.goods((5, lot("B", 300)))
    await pantry.bring(milk, 5, lot("A", 30), bucket=CONTROL)
    for units, named, bucket in ((-1, lot("A"), FREE), (-6, lot("A"), CONTROL), (-1, lot("B"), CONTROL)):
        with pytest.raises(OmsError) as caught:
            await pantry.bring(milk, units, named, bucket=bucket)
        assert {error.code for error in caught.value.causes} <= {"LOT_SHORT", "EMPTY_BUCKET"}
    await pantry.bring(milk, -5, lot("A"), bucket=CONTROL)
    assert await pantry.held(milk) == {"B": 5}
    assert await keeper.buckets(milk) == (5, 0, 0, 0, 0)


Step = tuple[str, int, Bucket, Bucket, str | None]
steps = st.lists(
    st.tuples(
        st.sampled_from(["bring", "miss", "move", "move", "set", "sell", "expire"]),
        st.integers(1, 5),
        st.sampled_from([FREE, CONTROL, DAMAGED]),
        st.sampled_from([FREE, CONTROL, DAMAGED]),
        st.sampled_from([None, "old", "A", "B"]),
    ),
    min_size=1,
    max_size=12,
)
DAYS = {"old": -2, "A": 3, "B": 9}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=steps)
async def test_whatever_is_done_lots_have_no_more_set_aside_than_their_level(work: UnitOfWork, chosen: list[Step]) -> None:
    pantry = Pantry(await Shop.open(work))
    keeper = Keeper(work, pantry.shop.locations[0])
    milk = await pantry.goods((3, lot("old", -2)), (3, lot("A", 3)), (3, lot("B", 9)), (3, None))
    for each in chosen:
        with suppress(OmsError):
            await step(pantry, keeper, milk, *each)
        aside, held, buckets = await pantry.aside(milk), await pantry.held(milk), await keeper.buckets(milk)
        assert sum(aside.values()) <= sum(buckets[3:])
        assert all(units <= held[code] for code, units in aside.items())
    await pantry.expire()
    free, *_ = await keeper.buckets(milk)
    old = (await pantry.held(milk)).get("old", 0)
    assert not free or (await pantry.aside(milk)).get("old", 0) == old
    assert await findings(work) == []


async def step(
    pantry: Pantry, keeper: Keeper, milk: SkuRow, what: str, units: int, source: Bucket, target: Bucket, code: str | None
) -> None:
    named = None if code is None else lot(code, DAYS[code])
    match what:
        case "bring" | "miss":
            await pantry.bring(milk, units if what == "bring" else -units, named)
        case "move":
            await pantry.move((milk, units, source, target, code))
        case "set":
            await keeper.set(milk, units * 3)
        case "sell":
            order = await pantry.shop.place(line(milk, units))
            for work in await pantry.shop.works(order.id):
                await pantry.shop.ship(work.id)
        case "expire":
            await pantry.expire()
