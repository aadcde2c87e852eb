"""The plan of the replay against a script that shares no code with it: made-up files always, the real one where it is."""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.online_retail.matching import Return
from examples.online_retail.months import Calendar
from examples.online_retail.plan import Plan, planned
from examples.online_retail.report import credit_notes_of
from examples.online_retail.rows import Row, read
from examples.online_retail.tests.figures import figures
from examples.online_retail.tests.invoices import line, numbered, write

REAL = Path(
    os.environ.get("OMS_TEST_ONLINE_RETAIL")
    or Path(__file__).parents[4] / "shared" / "data" / "online_retail_2009_2010.parquet"
)
PRICES = ("0", "0.001", "0.01", "0.125", "0.335", "1.25", "2.5", "19.99")
GOODS = ("10001", "10002", "10001", "10002", "10002", "10002a", "10003 ")
CODES = (*GOODS, "POST", "M", "gift_0001_10", "TEST001", "S")


@st.composite
def invoices(draw: st.DrawFn, number: int) -> list[Row]:
    """Draw a sales invoice or a credit note: small numbers, so that customers buy and give back the same things."""
    is_credit = draw(st.booleans())
    customer = draw(st.sampled_from(["12345", "12345", "12345", "12346", None]))
    month, day = draw(st.sampled_from(["2009-12", "2010-03", "2010-10"])), draw(st.integers(28, 31))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        price = draw(st.sampled_from(PRICES))
        units = draw(st.sampled_from([1, 2, 3, 4, 7, -1, 0]))
        code = draw(st.sampled_from(["D", *CODES] if is_credit else CODES))
        minute = draw(st.integers(0, 1))
        rows.append(
            line(
                f"C{500_000 + number}" if is_credit else f"{500_000 + number}",
                code,
                -units if is_credit else units,
                price,
                customer=customer,
                at=f"{month}-{day:02} 01:{minute:02}:00",
            )
        )
    sold = sum((row.amount for row in rows if row.code in GOODS and row.quantity > 0), Decimal(0))
    if not is_credit and sold >= 1:
        off = draw(st.sampled_from(["0.01", "0.07", "0.335", "0.5"]))
        rows.append(line(rows[0].invoice, "D", -draw(st.integers(1, 2)), off, customer=customer, at=f"{rows[0].at:%F %T}"))
    return rows


@st.composite
def files(draw: st.DrawFn) -> list[Row]:
    """Draw a file: its invoices need not stand in the order of time."""
    return numbered(*(row for number in range(draw(st.integers(4, 12))) for row in draw(invoices(number))))


def as_the_script_tells(plan: Plan) -> dict[str, Any]:
    """Return the figures of *plan* in the shape of the script's."""
    notes = credit_notes_of(plan)
    return {
        "orders": len(plan.sales),
        "months": {
            month.month: {
                "orders": month.file.orders,
                "gross": month.file.gross,
                "discounts": month.file.discounts,
                "returns": month.file.returns,
                "net": month.file.net,
                "differences": {
                    "gross": {reason: by.gross for reason, by in month.differences.items() if by.gross},
                    "returns": {reason: by.returns for reason, by in month.differences.items() if by.returns},
                },
            }
            for month in Calendar(plan).told({})
        },
        "creditNotes": {name: count for name, count in notes.items() if name != "byReason"},
        "credits": {kind: {**told, "amount": Decimal(told["amount"])} for kind, told in notes["byReason"].items()},
        "returns": returns_of(plan.returns),
    }


def returns_of(returns: Any) -> dict[str, Any]:
    backs: list[Return] = list(returns)
    return {
        "returns": len(backs),
        "refunds": sum(back.granted > 0 for back in backs),
        "credited": sum((back.credited for back in backs), Decimal(0)),
        "granted": sum((back.granted for back in backs), Decimal(0)),
    }


def without_nothing(told: dict[str, Any]) -> dict[str, Any]:
    """Return the script's figures without differences of nothing and months in which nothing happened."""
    for month in told["months"].values():
        for measure, reasons in month["differences"].items():
            month["differences"][measure] = {reason: amount for reason, amount in reasons.items() if amount}
    return told


@given(files())
def test_the_plan_of_any_file_comes_to_what_the_script_finds(rows: list[Row]) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "file.parquet", rows)
        assert as_the_script_tells(planned(read(path))) == without_nothing(figures(path))


@pytest.fixture(scope="module")
def real() -> Plan:
    if not REAL.is_file():
        pytest.skip("the real file is not here: OMS_TEST_ONLINE_RETAIL names no copy of it")
    return planned(read(REAL))


@pytest.fixture(scope="module")
def script(real: Plan) -> Mapping[str, Any]:
    assert real
    return without_nothing(figures(REAL))


def test_the_plan_of_the_real_file_comes_to_what_the_script_finds(real: Plan, script: Mapping[str, Any]) -> None:
    assert as_the_script_tells(real) == script


def test_the_script_finds_the_published_figures(script: Mapping[str, Any]) -> None:
    assert script["months"]["2009-12"]["gross"] == Decimal("825685.76")
    assert script["months"]["2010-06"]["gross"] == Decimal("752270.14")
    assert script["months"]["2010-11"]["gross"].quantize(Decimal("0.01")) == Decimal("1470272.48")
    assert script["creditNotes"]["all"] == 4_592
    assert sum(credit["amount"] for credit in script["credits"].values()) == Decimal("-629855.37")


def test_every_row_of_the_real_file_has_its_place(real: Plan) -> None:
    assert (real.rows, real.invoices, len(real.sales), len(real.customers)) == (525_461, 28_816, 20_941, 4_383)
    assert sum(tally.rows for tally in real.kinds.values()) == real.rows


def told_rows(repository: Path, first_cell: str) -> list[list[str]]:
    """Return the cells of the document's tables whose rows begin as the expression says."""
    lines = (repository / "docs" / "replay-online-retail.md").read_text().splitlines()
    found = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if re.match(rf"\| {first_cell} \|", line)]
    assert found
    return found


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "") or 0)


def test_the_document_tells_the_months_that_the_script_finds(script: Mapping[str, Any], repository: Path) -> None:
    found = {month: [number(cell) for cell in cells] for month, *cells in told_rows(repository, r"\d{4}-\d\d")}
    expected = {}
    for month, of in script["months"].items():
        gross, returns = of["differences"]["gross"], of["differences"]["returns"]
        less = [gross.get("TEST_PRODUCT", 0), gross.get("SUB_PENNY_PRICES", 0), returns.get("SUB_PENNY_PRICES", 0)]
        sold, back = of["gross"] - less[0] - less[1], of["returns"] - less[2]
        assert of["discounts"] == 0
        expected[month] = [of["orders"], of["gross"], *less[:2], sold, of["returns"], less[2], back, sold - back]
    assert found == expected
    ((_, *sums),) = told_rows(repository, "all")
    assert [number(cell) for cell in sums] == [sum(column) for column in zip(*expected.values(), strict=True)]


def test_the_document_tells_the_credit_notes_that_the_script_finds(script: Mapping[str, Any], repository: Path) -> None:
    names = "|".join(script["credits"])
    found = {cells[0].strip("`"): [number(cell) for cell in cells[1:5]] for cells in told_rows(repository, f"`({names})`")}
    assert found == {reason: [of["notes"], of["rows"], of["units"], of["amount"]] for reason, of in script["credits"].items()}
