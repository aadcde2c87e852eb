"""The forecasts of the first of September 2010, from the real file: less wrong than naive ones, as the document says."""

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from oms_api.domain.planning.forecast import BACKTEST, best_forecast
from tests.replay.test_figures import REAL

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
    sold = {code: sum(demand[-BACKTEST:]) for code, demand in before.items()}
    units = sum(sold[code] for code, forecast in found.items() if forecast.wape is not None)
    wape = sum((forecast.wape or 0) * sold[code] for code, forecast in found.items()) / units
    naive_wape = sum((forecast.naive_wape or 0) * sold[code] for code, forecast in found.items()) / units
    assert (round(wape, 2), round(naive_wape, 2)) == (0.74, 1.0)
    error = sum(abs(forecast.weekly * AHEAD - after[code]) for code, forecast in found.items())
    naive_error = sum(abs(demand[-1] * AHEAD - after[code]) for code, demand in before.items())
    total = sum(after[code] for code in before)
    assert (round(error / total, 2), round(naive_error / total, 2)) == (0.61, 0.8)
