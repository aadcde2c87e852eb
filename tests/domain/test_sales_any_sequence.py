"""Any sequence of placing, canceling, shipping and taking back, counted in any pieces, is what plain Python counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_api.domain.analytics.periods import Grain
from oms_api.domain.analytics.sales import SalesKey, SalesQuestion
from oms_api.workflows.doctor import reports
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.sales import assert_exact
from tests.factories.stories import (
    Story,
    Town,
    canceling,
    counting,
    editing,
    giving,
    moving,
    opened,
    placing,
    returning,
    sending,
)
from tests.factories.trading import findings


@pytest.fixture(scope="module")
def town(database: Database) -> Iterator[Town]:
    with opened(database) as built:
        yield built


acts = st.tuples(
    placing,
    placing,
    st.lists(
        st.one_of(
            placing,
            canceling,
            canceling,
            editing,
            editing,
            editing,
            sending,
            returning,
            returning,
            giving,
            giving,
            moving,
            counting,
        ),
        min_size=4,
        max_size=14,
    ),
).map(lambda drawn: [*drawn[:2], *drawn[2]])
groupings: st.SearchStrategy[tuple[SalesKey, ...]] = st.sets(st.sampled_from(SalesKey)).map(lambda keys: tuple(sorted(keys)))
questions = st.tuples(st.integers(-20, 60), st.integers(1, 120), st.sampled_from(Grain), groupings)


@settings(max_examples=settings().max_examples // 6)
@given(acts=acts, question=questions, most=st.integers(1, 30))
def test_the_report_is_exact(town: Town, acts: list[Any], question: tuple[Any, ...], most: int) -> None:
    story = Story(town)
    first, days, grain, by = question
    start = date(2025, 1, 1) + timedelta(first)
    asked = SalesQuestion(start=start, before=start + timedelta(days), grain=grain, by=by)
    seen = replace(SYSTEM, channels=frozenset(town.channels))
    for act in acts:
        town.run(story.carry_out(act))
    town.run(story.count(most))
    town.run(assert_exact(town.work, town.database, asked, town.channels, principal=seen))
    broken = [finding for finding in town.run(findings(town.work)) if finding.name in reports.INVARIANTS]
    assert broken == []
