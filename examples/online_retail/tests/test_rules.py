"""The rules over the real year, on made-up invoices: the file counted by DuckDB equals the rules asked about the orders."""

from decimal import Decimal
from pathlib import Path

from examples.online_retail.countries import country_code
from examples.online_retail.orders import money_of
from examples.online_retail.plan import planned
from examples.online_retail.rows import Row, read
from examples.online_retail.rules import RULES, Found, counted
from examples.online_retail.tests.invoices import line, write
from oms_api.domain.rules.conditions import ask, checked, engine

ROWS = [
    line("500001", quantity=600, price="2.50"),
    line("500001", "POST", 1, "18.00"),
    line("500002", quantity=2, price="600.00", at="2010-06-02 10:00:00"),
    line("500003", quantity=1, price="500.00", at="2010-06-06 10:00:00", customer=None, country="EIRE"),
    line("500004", quantity=1, price="500.01", at="2010-06-02 10:00:00", customer="22222", country="France"),
    line("500004", "D", -1, "0.02", at="2010-06-02 10:00:00", customer="22222", country="France"),
    line("500005", quantity=1, price="501.00", at="2010-06-02 09:00:00", customer="22222", country="France"),
    line("500006", quantity=500, price="0.00", customer=None),
    line("500007", quantity=500, price="0.00", at="2010-06-13 10:00:00", country="Unspecified"),
    line("500008", "POST", 700, "2.00", at="2010-06-13 10:00:00", customer=None),
    line("500009", "TEST001", 900, "9.00"),
    line("500010", quantity=1, price="1000.005", customer="33333"),
    line("C500011", quantity=-600, price="2.50"),
    line("A500012", "B", 1, "5000.00", customer=None),
]


def asked(rows: list[Row]) -> dict[str, Found]:
    """Return what the rules themselves match of the orders that the rows become."""
    sales = sorted(planned(rows, None).sales, key=lambda sale: sale.at)
    found: dict[str, Found] = {}
    for code, (condition, _) in RULES.items():
        matched = []
        for sale in sales:
            before = sum(other.customer == sale.customer and other.at < sale.at for other in sales)
            facts = {
                "order": {
                    "total": float(money_of(sale).total),
                    "country": country_code(sale.country) or "",
                    "weekday": sale.at.isoweekday(),
                },
                "lines": [{"quantity": row.quantity} for _, row in sale.lines()],
                "customer": {"known": sale.customer is not None, "orders": before if sale.customer else 0},
            }
            if ask(checked(condition), engine().activation(facts)).holds:
                matched.append(money_of(sale).total)
        found[code] = Found(len(sales), len(matched), sum(matched, Decimal("0.00")))
    return found


def test_the_file_is_counted_as_the_rules_ask(tmp_path: Path) -> None:
    path = write(tmp_path / "year.parquet", ROWS)
    assert counted(path) == asked(read(path))
    assert {code: found.matched for code, found in counted(path).items()} == {
        "year-large": 4,
        "year-first-large": 3,
        "year-bulk-line": 3,
        "year-abroad": 3,
        "year-sunday-guest": 2,
    }
