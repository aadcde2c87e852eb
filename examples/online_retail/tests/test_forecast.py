"""The forecasts of the first of September 2010, from the real file: less wrong than naive ones, as the document says."""

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from examples.online_retail.tests.test_figures import REAL
from oms_api.domain.planning.forecast import Demand, best_forecast

THEN = datetime(2010, 9, 1)  # noqa: DTZ001 - the file has local times
WEEKS, AHEAD = 39, 4


def demand_by_week(path: Path) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Return units sold a week before the first of September, oldest first, and in the four weeks from then on."""
    rows = pq.read_table(path, columns=["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price"]).to_pydict()
    before: dict[str, list[int]] = defaultdict(lambda: [0] * WEEKS)
    after: dict[str, int] = defaultdict(int)
    for invoice, code, units, moment, price in zip(*rows.values(), strict=True):
        if invoice[0] in "CA" or units <= 0 or price <= 0 or not code[:5].isdigit():
            continue
        at = datetime.fromisoformat(moment)
        if THEN <= at < THEN + timedelta(weeks=AHEAD):
            after[code] += units
        elif at < THEN and (week := (THEN - at).days // 7) < WEEKS:
            before[code][WEEKS - 1 - week] += units
    return before, after


@pytest.mark.skipif(not REAL.exists(), reason="the real file is not here: OMS_TEST_ONLINE_RETAIL names no copy of it")
def test_forecasts_of_a_real_shop_are_less_wrong_than_naive_ones() -> None:
    before, after = demand_by_week(REAL)
    found = {code: best_forecast(demand) for code, demand in before.items()}
    units = sum(forecast.demanded for forecast in found.values())
    wape = sum(forecast.missed for forecast in found.values()) / units
    naive_wape = sum(forecast.naive_missed for forecast in found.values()) / units
    bias = sum(forecast.beyond for forecast in found.values()) / units
    assert (round(wape, 2), round(naive_wape, 2), round(bias, 2)) == (0.74, 1.0, -0.09)
    error = sum(abs(forecast.weekly * AHEAD - after[code]) for code, forecast in found.items())
    naive_error = sum(abs(demand[-1] * AHEAD - after[code]) for code, demand in before.items())
    total = sum(after[code] for code in before)
    assert (round(error / total, 2), round(naive_error / total, 2)) == (0.62, 0.8)


@pytest.mark.parametrize(("out", "zeros", "unknown"), [(2, 0.68, 0.63), (4, 0.88, 0.68), (8, 0.98, 0.73)])
@pytest.mark.skipif(not REAL.exists(), reason="the real file is not here: OMS_TEST_ONLINE_RETAIL names no copy of it")
def test_weeks_without_stock_are_better_not_known_than_taken_for_weeks_of_no_demand(
    out: int, zeros: float, unknown: float
) -> None:
    before, after = demand_by_week(REAL)
    sold_before = {code: demand[:-out] for code, demand in before.items() if any(demand[:-out])}

    def error(week: int | None) -> float:
        """Return the WAPE of the four weeks to come when each of the last *out* weeks is taken for *week*."""
        past: dict[str, Demand] = {code: [*demand, *[week] * out] for code, demand in sold_before.items()}
        wrong = sum(abs(best_forecast(demand).weekly * AHEAD - after[code]) for code, demand in past.items())
        return round(wrong / sum(after[code] for code in past), 2)

    assert (error(0), error(None)) == (zeros, unknown)
