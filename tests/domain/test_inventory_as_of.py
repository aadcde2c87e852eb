"""Earlier moments: what the ledger says was there, and feeds that tell of them, however late they and the movements came."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.as_of import levels_as_of
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.states import AdjustmentReason
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.trading import findings

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
acts = st.lists(
    st.tuples(
        st.integers(1, 300),  # minutes since the act before
        st.integers(0, 400),  # minutes by which it was recorded late
        st.integers(-4, 9).filter(bool),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts, at=st.integers(0, 2_000), counted=st.integers(0, 30))
async def test_a_feed_leaves_what_moved_since(
    work: UnitOfWork, acts: list[tuple[int, int, int]], at: int, counted: int
) -> None:
    make = Given(work)
    sku, location = await make.sku(), await make.location()
    clock, on_hand = BEGIN, 0
    happened: list[tuple[datetime, int]] = []
    for minutes, late, delta in acts:
        clock += timedelta(minutes=minutes)
        if on_hand + delta < 0:
            continue
        occurred = max(clock - timedelta(minutes=late), BEGIN)
        changes = (Change(SkuRef(id=sku.id), location.id, delta),)
        command = AdjustInventory(changes=changes, reason=AdjustmentReason.OTHER, occurred_at=occurred)
        await UnitOfWork(work.pool, lambda clock=clock: clock).execute(SYSTEM, adjust_inventory, command)  # type: ignore[misc]
        happened.append((occurred, delta))
        on_hand += delta
    moment = min(BEGIN + timedelta(minutes=at), clock)
    then = sum(delta for occurred, delta in happened if occurred <= moment)
    level = await make.level(sku.id, location.id)
    if level is not None:
        async with work.reads(SYSTEM) as read:
            assert (await levels_as_of(read, [level.id], moment))[level.id].level.on_hand == max(then, 0)
    keeper = Keeper(UnitOfWork(work.pool, lambda: clock), location)
    done = await keeper.sync((sku, counted), as_of=moment)
    after = (await make.level(sku.id, location.id)).on_hand
    if happened and moment < min(occurred for occurred, _ in happened):
        assert [outcome.error and outcome.error.code for outcome in done.outcomes] == ["BEFORE_RECORDS"]
        assert after == on_hand
        return
    if on_hand + counted - then < 0:
        assert [outcome.error and outcome.error.code for outcome in done.outcomes] == ["BELOW_ZERO"]
        assert after == on_hand
        return
    assert after == on_hand + counted - then
    again = await keeper.sync((sku, counted), as_of=moment)
    assert (again.sync.applied, again.sync.unchanged) == (0, 1)


async def test_the_ledger_stays_exact(work: UnitOfWork) -> None:
    assert await findings(work) == []
