"""What is said of two programs that did the same work."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from benchmarks.peers import ours, report


def figures(per_s: float, p50_ms: float, cpu_ms: Mapping[str, float]) -> report.Figures:
    return {"per_s": per_s, "p50_ms": p50_ms, "p95_ms": 2 * p50_ms, "cpu_ms": cpu_ms, "others": 0.01}


THEIRS = {
    "list-8": figures(5, 1_200, {"servers": 300, "worker": 0, "PostgreSQL": 20}),
    "rushes": [{"sold": 50}, {"sold": 44, "refused": 3, "failed": 3}],
}
OURS = {
    "list-8": figures(80, 100, {"servers": 12, "worker": 0, "PostgreSQL": 4}),
    "rushes": [{"sold": 20, "refused": 30}, {"sold": 20, "refused": 30}],
}


def test_a_ratio_above_1_says_how_many_times_better_ours_is() -> None:
    lines = report.table(THEIRS, OURS).splitlines()
    assert "| list of the 50 newest orders, 8 clients: a second | 5.0 | 80.0 | **16.0** |" in lines
    assert "| p50 in ms | 1,200.0 | 100.0 | 12.0 |" in lines
    assert "| processor time of servers, worker, PostgreSQL in ms | 300.0, 0.0, 20.0 | 12.0, 0.0, 4.0 | 20.0 |" in lines


def test_the_other_way_round_it_is_below_1() -> None:
    assert "| list of the 50 newest orders, 8 clients: a second | 80.0 | 5.0 | **0.1** |" in report.table(OURS, THEIRS)


def test_what_was_sold_is_told_for_each_rush_with_the_calls_that_failed() -> None:
    assert report.table(THEIRS, OURS).endswith("| 50, 44 (3 calls failed) | 20, 20 |  |")


def test_what_was_not_measured_has_no_line() -> None:
    assert "order detail" not in report.table(THEIRS, OURS)


@pytest.mark.parametrize("text", [ours.LIST, ours.DETAIL, ours.SET])
def test_what_is_asked_of_ours_fits_the_schema(text: str) -> None:
    schema = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())
    assert validate(schema, parse(text)) == []
