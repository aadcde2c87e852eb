"""Where each row of the online retail data belongs, and what follows from all of them."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from oms_api.adapters.connectors.online_retail.classify import Fate, Kind, kind_of
from oms_api.adapters.connectors.online_retail.countries import country_code
from oms_api.adapters.connectors.online_retail.orders import money_of, order_input
from oms_api.adapters.connectors.online_retail.plan import Plan, planned
from oms_api.adapters.connectors.online_retail.report import Kept, Outcome, reported
from oms_api.adapters.connectors.online_retail.rows import Row, UnreadableFileError, read
from tests.factories.online_retail import line, numbered, write

REAL = os.environ.get("OMS_TEST_ONLINE_RETAIL")
KINDS = [
    (line(), Kind.GOODS),
    (line(code="DCGS0004"), Kind.GOODS),
    (line(code="PADS", price="0.001"), Kind.GOODS),
    (line(price="0"), Kind.GIFT),
    (line(code="gift_0001_20", price="20"), Kind.GIFT_CARD),
    *((line(code=code, price="5"), Kind.POSTAGE) for code in ("POST", "DOT", "C2")),
    *((line(code=code), Kind.FEE) for code in ("M", "m", "BANK CHARGES", "AMAZONFEE", "ADJUST", "ADJUST2", "B", "S", "CRUK")),
    (line(code="M", price="0"), Kind.FEE),
    (line(code="D"), Kind.FEE),
    (line(code="D", quantity=-1), Kind.DISCOUNT),
    (line(price="0", customer=None), Kind.FOUND),
    (line(price="0", quantity=-3, customer=None), Kind.WRITTEN_OFF),
    (line(price="0", quantity=-3), Kind.WRITTEN_OFF),
    (line("C500001", quantity=-1), Kind.CREDIT_NOTE),
    (line("C500001", "M"), Kind.CREDIT_NOTE),
    (line("C500001", "TEST001", quantity=-1), Kind.CREDIT_NOTE),
    (line("A500001", "B", price="-100"), Kind.BAD_DEBT),
    (line(code="TEST001"), Kind.TEST_PRODUCT),
    (line(code="TEST002", price="0", customer=None), Kind.TEST_PRODUCT),
    *(
        (line(code=code, price="0", customer=None), Kind.NO_STOCK_KEPT)
        for code in ("POST", "DOT", "C2", "M", "gift_0001_10", "D")
    ),
    (line(code="C3", price="0", quantity=-4999, customer=None), Kind.NO_STOCK_KEPT),
    (line(code=""), Kind.NO_CODE),
    (line(quantity=0), Kind.NO_QUANTITY),
    (line(quantity=-1), Kind.NEGATIVE_QUANTITY),
    (line(price="-1"), Kind.NEGATIVE_PRICE),
]


@pytest.mark.parametrize(("row", "kind"), KINDS, ids=[f"{row.code}-{row.quantity}-{row.price}-{kind}" for row, kind in KINDS])
def test_each_row_has_its_place(row: Row, kind: Kind) -> None:
    assert kind_of(row) is kind


def test_every_kind_is_tried() -> None:
    assert {kind for _, kind in KINDS} == set(Kind)


def input_of(*rows: Row) -> dict[str, object]:
    (sale,) = planned(numbered(*rows)).sales
    return order_input(sale, "channel_1", {"12345": "customer_1"})


def test_an_invoice_becomes_an_order_with_its_charges_and_discounts_apart() -> None:
    order = input_of(
        line(quantity=2),
        line(code="POST", quantity=3, price="1.20", description="POSTAGE"),
        line(code="D", quantity=-1, price="0.60", description="Discount"),
        line(code="M", price="4.25", description=None),
    )
    assert order["lines"] == [
        {"sku": "10001", "quantity": 2, "unitPrice": {"amount": "2.50"}, "name": "A THING"},
        {"sku": "M", "quantity": 1, "unitPrice": {"amount": "4.25"}},
    ]
    assert order["shipping"] == [{"title": "POSTAGE", "code": "POST", "price": {"amount": "3.60"}}]
    assert order["discounts"] == [{"label": "Discount", "amount": {"amount": "0.60"}}]
    assert order["total"] == {"amount": "12.25"}
    assert (order["externalRef"], order["customerId"]) == ("500001", "customer_1")


def test_postage_alone_stands_in_a_line() -> None:
    order = input_of(line(code="POST", quantity=2, price="1.20"), line(code="DOT", price="7"))
    assert [(one["sku"], one["quantity"]) for one in order["lines"]] == [("POST", 2), ("DOT", 1)]  # type: ignore[attr-defined]
    assert order["shipping"] == []


def test_a_code_that_repeats_stays_several_lines_and_case_tells_codes_apart() -> None:
    rows = (line(code="85123A"), line(code="85123a"), line(code="85123A", quantity=4))
    assert [one["sku"] for one in input_of(*rows)["lines"]] == ["85123A", "85123a", "85123A"]  # type: ignore[attr-defined]
    assert [item.code for item in planned(numbered(*rows)).items] == ["85123A", "85123a"]


def test_prices_below_a_penny_are_kept_and_what_rounding_takes_is_told() -> None:
    (sale,) = planned([line(price="0.001"), line(price="0.015", quantity=3), line(price="1")]).sales
    money = money_of(sale)
    assert (money.goods, money.lost) == (Decimal("1.05"), Decimal("-0.004"))


def test_of_two_times_the_first_is_taken_in_the_summer_time_of_the_shop() -> None:
    order = input_of(line(at="2010-06-01 10:01:00"), line(at="2010-06-01 10:00:00"))
    assert order["occurredAt"] == datetime(2010, 6, 1, 9, tzinfo=UTC).isoformat()


def test_a_guest_has_no_customer_and_an_unknown_country_is_kept_as_a_tag() -> None:
    order = input_of(line(customer=None, country="Channel Islands"))
    assert (order["customerId"], order["shippingAddress"], order["tags"]) == (None, None, ["country: Channel Islands"])


def test_the_key_of_an_order_changes_with_its_content_only() -> None:
    keys = [input_of(line(quantity=quantity))["idempotencyKey"] for quantity in (1, 1, 2)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom", "GB"),
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("USA", "US"),
        ("Korea", "KR"),
        ("Hong Kong", "HK"),
        ("Channel Islands", None),
        ("West Indies", None),
        ("Unspecified", None),
        ("European Community", None),
        ("Atlantis", None),
    ],
)
def test_countries_are_codes_where_they_are_countries(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_opening_stock_is_what_is_sold_and_written_off_and_a_tenth_more() -> None:
    plan = planned([line(quantity=150), line(price="0", quantity=-50, customer=None), line("C1", quantity=-7), line(code="M")])
    assert [(item.code, item.kind, item.opening) for item in plan.items] == [("10001", "GOODS", 220), ("M", "FEE", 0)]


def test_a_product_is_called_what_its_sales_call_it() -> None:
    plan = planned(
        [
            line(price="0", customer=None, description="damaged"),
            line(price="0", customer=None, description="damaged"),
            line(description="OLD NAME"),
            line(description="NEW NAME"),
            line(description="NEW NAME"),
            line(code="10002", price="0", customer=None, description=None),
        ]
    )
    assert [item.name for item in plan.items] == ["NEW NAME", "10002"]


def test_found_and_written_off_stock_are_corrections_merged_by_code() -> None:
    found = [line(price="0", quantity=quantity, customer=None) for quantity in (2, 3)]
    lost = line("500002", price="0", quantity=-4, customer=None)
    corrections = planned(numbered(*found, lost)).corrections
    assert [(one.kind, dict(one.units), one.rows) for one in corrections] == [
        (Kind.FOUND, {"10001": 5}, 2),
        (Kind.WRITTEN_OFF, {"10001": -4}, 1),
    ]


def test_a_limit_takes_the_first_invoices_but_the_stock_of_the_whole_file() -> None:
    plan = planned(numbered(line(), line("500002"), line(), line("500003", "10002")), limit=1)
    assert ([sale.invoice for sale in plan.sales], plan.rows, plan.invoices) == (["500001"], 2, 1)
    assert [item.code for item in plan.items] == ["10001", "10002"]


ROWS = numbered(
    line(quantity=4),
    line(code="TEST001", price="4.50"),
    line("C500002", quantity=-1),
    line("500003", price="0.001"),
    line("500004", price="0", quantity=3, customer=None),
)


def as_placed(plan: Plan) -> dict[str, Kept]:
    return {
        sale.invoice: Kept(
            id=sale.invoice,
            ref=sale.invoice,
            placed_at=sale.placed_at,
            recorded_at=sale.placed_at,
            goods=money_of(sale).goods,
            shipping=money_of(sale).shipping,
            discount=money_of(sale).discount,
            arrived=True,
        )
        for sale in plan.sales
    }


def test_the_report_accounts_for_every_row_and_names_each_difference() -> None:
    plan = planned(ROWS)
    report = reported(plan, Outcome(corrected={("500004", "FOUND")}), as_placed(plan))
    assert report.agrees
    assert {fate: dict(kinds) for fate, kinds in report.rows.items()} == {
        Fate.PLACED: {"GOODS": 2},
        Fate.ADJUSTED: {"FOUND": 1},
        Fate.WAITING: {"CREDIT_NOTE": 1},
        Fate.REFUSED: {"TEST_PRODUCT": 1},
    }
    (month,) = report.months
    assert (month.file, month.api) == (Decimal("14.501"), Decimal("10.00"))
    assert month.differences == {"TEST_PRODUCT": Decimal("4.50"), "SUB_PENNY_PRICES": Decimal("0.001")}


def test_an_order_that_was_refused_is_told_with_its_money_and_the_report_does_not_agree() -> None:
    plan = planned(ROWS)
    outcome = Outcome(corrected={("500004", "FOUND")})
    outcome.refuse("order", "500001", [{"code": "INSUFFICIENT_STOCK", "message": "Not enough.", "field": ["lines"]}])
    kept = as_placed(plan)
    del kept["500001"]
    report = reported(plan, outcome, kept)
    assert report.rows_accounted_for == plan.rows
    assert report.rows[Fate.REFUSED] == {"TEST_PRODUCT": 1, "INSUFFICIENT_STOCK": 1}
    assert report.months[0].agrees
    assert not report.agrees


def test_rows_and_orders_that_went_missing_without_a_word_are_noticed() -> None:
    plan = planned(ROWS)
    kept = as_placed(plan)
    report = reported(plan, Outcome(), {"500003": kept["500003"]})
    assert (report.rows_accounted_for, plan.rows) == (3, 5)
    assert not report.months[0].agrees
    assert not report.agrees


def test_an_order_that_the_api_has_otherwise_is_noticed() -> None:
    plan = planned([line()])
    (other,) = as_placed(planned([line(price="2.51")])).values()
    report = reported(plan, Outcome(), {"500001": other})
    assert report.wrong
    assert not report.agrees


def test_a_file_is_read_with_exact_prices_and_without_outer_blanks(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra `replay` is not installed")
    rows = [line(code="47503J ", price="0.1", description=" A THING "), line(price="6.95", customer=None, description=None)]
    first, second = read(write(tmp_path / "file.parquet", rows))
    assert (first.number, first.code, first.price, first.description) == (1, "47503J", Decimal("0.1"), "A THING")
    assert (first.customer, second.customer, second.description) == ("12345", None, None)


@pytest.mark.parametrize("content", [None, b"not parquet"])
def test_a_file_that_is_missing_or_no_parquet_is_told_in_one_line(content: bytes | None, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra `replay` is not installed")
    path = tmp_path / "file.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="cannot be read as parquet"):
        read(path)


@pytest.mark.skipif(REAL is None, reason="OMS_TEST_ONLINE_RETAIL names no copy of the real file")
def test_the_real_file_comes_to_its_published_figures() -> None:
    plan = planned(read(Path(str(REAL))))
    assert (plan.rows, plan.invoices, plan.credit_notes, len(plan.customers)) == (525_461, 28_816, 4_592, 4_383)
    assert plan.gross["2009-12"] == Decimal("825685.76")
    assert plan.gross["2010-06"] == Decimal("752270.14")
    assert plan.gross["2010-11"].quantize(Decimal("0.01")) == Decimal("1470272.48")
    corrected = {(correction.invoice, correction.kind.value) for correction in plan.corrections}
    assert reported(plan, Outcome(corrected=corrected), as_placed(plan)).agrees
