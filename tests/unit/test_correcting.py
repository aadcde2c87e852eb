"""Corrections are booked where units were, and what contradicts itself is shown as far as it can be true."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.inventory.correcting import UnitsLeft, consistent, missed
from oms_api.domain.inventory.levels import Level, Since
from oms_api.domain.inventory.states import Account, Bucket
from oms_api.kernel.ids import LevelId

AT = LevelId(UUID(int=1))
units = st.integers(0, 9)


@given(
    free=units, control=units, damaged=units, fewer=units, control_since=st.integers(-9, 9), damaged_since=st.integers(-9, 9)
)
def test_what_is_missed_now_is_missed_at_its_moment_too(
    free: int, control: int, damaged: int, fewer: int, control_since: int, damaged_since: int
) -> None:
    level = Level(AT, free=free, quality_control=control, damaged=damaged)
    since = Since(quality_control=control_since, damaged=damaged_since)
    fewer = min(fewer, free + control + damaged)
    parts = UnitsLeft.of(level).miss(fewer)
    steps = missed(parts, level, since)
    held = {Account.FREE: free, Account.QUALITY_CONTROL: control, Account.DAMAGED: damaged, Account.ADJUSTMENT: 0}
    for step in steps:
        held[step.source] -= step.quantity
        held[step.target] += step.quantity
        assert min(held.values()) >= 0
    assert {bucket: held[bucket] for bucket, _ in parts} == {
        bucket: {Account.FREE: free, Account.QUALITY_CONTROL: control, Account.DAMAGED: damaged}[bucket] - part
        for bucket, part in parts
    }
    early = [step for step in steps if not step.late]
    assert sum(step.quantity for step in early) == fewer
    for bucket, then in ((Account.QUALITY_CONTROL, control - control_since), (Account.DAMAGED, damaged - damaged_since)):
        assert sum(step.quantity for step in early if step.source is bucket) <= max(then, 0)


@given(st.fixed_dictionaries({bucket: st.integers(-9, 9) for bucket in Bucket}))
def test_an_earlier_moment_shows_nothing_below_zero_and_says_where_it_contradicts_itself(booked: dict[Bucket, int]) -> None:
    shown, contradicted = consistent(booked)
    assert min(shown.values()) >= 0
    assert sum(shown.values()) == max(sum(booked.values()), 0)
    assert contradicted is (min(booked.values()) < 0)
    assert all(shown[bucket] <= max(held, 0) for bucket, held in booked.items())
