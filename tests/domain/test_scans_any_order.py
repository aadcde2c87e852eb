"""Scans told in any order, twice and late lead parcels, shipments, lines and orders to where sorted ones lead them."""

from collections.abc import Iterator
from random import Random
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_api.domain.carriers.folding import delivered_at, first_seen, unknown_among, where
from oms_api.domain.parcels.port import Scan
from tests.concurrency.test_any_sequence import Loop
from tests.factories.database import Database
from tests.factories.scanning import long_ago, outcome, scans_since, sent_in_packages, tell, told
from tests.factories.trading import Shop, findings

PARCELS = ((1, 2), (1,))


@pytest.fixture(scope="module")
def at(database: Database) -> Iterator[Loop]:
    at = Loop(database)
    yield at
    at.run(at.pool.close())
    at.loop.close()


async def compare(shop: Shop, chance: Random, orders: int, many: int) -> tuple[int, float]:
    """Tell scans of orders sorted, and of their twins anyhow: both must end alike. Returns how many, and the seconds."""
    start, told_of, seconds = long_ago(), 0, 0.0
    for _ in range(orders):
        twins = [await sent_in_packages(shop, *PARCELS, at=start) for _ in range(2)]
        scans = [scans_since(chance, start, many) for _ in twins[0].packages]
        for package, each in zip(twins[0].packages, scans, strict=True):
            in_time, few = sorted(each, key=lambda scan: scan.occurred_at), max(many // 5, 1)
            for first in range(0, len(in_time), few):
                await tell(shop, package, in_time[first : first + few])
        pieces = [
            (package, piece) for package, each in zip(twins[1].packages, scans, strict=True) for piece in told(chance, each)
        ]
        chance.shuffle(pieces)
        began = perf_counter()
        for package, piece in pieces:
            await tell(shop, package, piece)
            told_of += len(piece)
        seconds += perf_counter() - began
        assert await outcome(shop, twins[1]) == await outcome(shop, twins[0])
    assert await findings(shop.work) == []
    return told_of, seconds


@settings(max_examples=settings().max_examples // 6)
@given(seed=st.integers(0, 2**32), many=st.integers(1, 9))
def test_any_order_leads_to_where_the_sorted_one_leads(at: Loop, seed: int, many: int) -> None:
    at.run(compare(at.run(Shop.open(at.work)), Random(seed), 1, many))


@pytest.mark.soak
def test_a_hundred_thousand_scans_lead_to_where_sorted_ones_lead(at: Loop) -> None:
    told_of, seconds = at.run(compare(at.run(Shop.open(at.work)), Random(26), 170, 100))
    assert told_of >= 100_000
    assert told_of / seconds > 50


def test_a_hundred_thousand_scans_of_one_parcel_mean_the_same_in_any_order() -> None:
    chance, start = Random(1), long_ago()
    scans = scans_since(chance, start, 50_000, delivered=1.0)
    pieces = told(chance, scans)
    known: list[Scan] = []
    new = unknown_among([scan for piece in pieces for scan in piece], known)
    meaning = [(where(each), first_seen(each), delivered_at(each)) for each in (scans, new)]
    assert meaning[0] == meaning[1]
    assert unknown_among(scans, new) == []
    assert sum(map(len, pieces)) >= 100_000
