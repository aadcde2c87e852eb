"""Where each row of the online retail data belongs, and what follows from all of them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.online_retail.classify import Fate, Kind, kind_of
from examples.online_retail.countries import country_code
from examples.online_retail.kept import Kept, KeptReturn
from examples.online_retail.months import Calendar, Figures
from examples.online_retail.orders import money_of, order_input
from examples.online_retail.outcome import RETURN, Outcome
from examples.online_retail.plan import Plan, planned
from examples.online_retail.report import Report, reported
from examples.online_retail.rows import Row, UnreadableFileError, read
from examples.online_retail.tests.invoices import line, numbered, write

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
    (line("C500001", quantity=-1), Kind.RETURN),
    (line("C500001", quantity=-1, price="0"), Kind.RETURN),
    (line("C500001", quantity=-1, customer=None), Kind.NO_CUSTOMER),
    (line("C500001"), Kind.CHARGED_AFTERWARDS),
    *((line("C500001", code), Kind.CREDITED_MANUAL) for code in ("M", "m")),
    *((line("C500001", code, -1), Kind.CREDITED_FEE) for code in ("BANK CHARGES", "AMAZONFEE", "ADJUST", "S")),
    *((line("C500001", code, -1), Kind.CREDITED_POSTAGE) for code in ("POST", "DOT", "C2")),
    (line("C500001", "D", -1), Kind.CREDITED_DISCOUNT),
    (line("C500001", "gift_0001_80", -1), Kind.CREDITED_GIFT_CARD),
    (line("C500001", "TEST001", -1), Kind.TEST_PRODUCT),
    (line("C500001", quantity=0), Kind.NO_QUANTITY),
    (line("A500001", "TEST001"), Kind.BAD_DEBT),
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
    by_other_rows = {Kind.NOTHING_SHIPPED, Kind.MORE_THAN_SHIPPED}
    assert {kind for _, kind in KINDS} == set(Kind) - by_other_rows


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
    line("C500002", code="D", quantity=-1),
    line("500003", price="0.001"),
    line("500004", price="0", quantity=3, customer=None),
)
DONE = {("500004", "FOUND")}


def as_placed(plan: Plan) -> dict[str, Kept]:
    """Return every order as it is when all went well."""
    refunded = {sale.invoice: Decimal(0) for sale in plan.sales}
    for back in plan.returns:
        refunded[back.order] += back.granted
    return {
        sale.invoice: Kept(
            id=sale.invoice,
            ref=sale.invoice,
            placed_at=sale.placed_at,
            recorded_at=sale.placed_at,
            goods=money_of(sale).goods,
            shipping=money_of(sale).shipping,
            discount=money_of(sale).discount,
            captured=money_of(sale).total,
            refunded=refunded[sale.invoice],
            arrived=True,
        )
        for sale in plan.sales
    }


def as_returned(plan: Plan) -> dict[str, KeptReturn]:
    """Return every return as it is when all went well."""
    return {
        back.ref: KeptReturn(
            id=back.ref,
            ref=back.ref,
            all_received=True,
            received=sum(back.units.values()),
            refund_id="refund" if back.granted else None,
            paid_back=back.granted > 0,
            refunded=back.granted,
        )
        for back in plan.returns
    }


def as_reported(plan: Plan) -> dict[str, Figures]:
    """Return every month as the API must report it."""
    return {month.month: month.file - sum(month.differences.values(), Figures()) for month in Calendar(plan).told({})}


def test_the_report_accounts_for_every_row_and_names_each_difference() -> None:
    plan = planned(ROWS)
    report = reported(plan, Outcome(corrected=DONE), as_placed(plan), as_returned(plan), as_reported(plan))
    assert report.agrees
    assert {fate: dict(kinds) for fate, kinds in report.rows.items()} == {
        Fate.PLACED: {"GOODS": 2},
        Fate.ADJUSTED: {"FOUND": 1},
        Fate.RETURNED: {"RETURN": 1},
        Fate.LISTED: {"CREDITED_DISCOUNT": 1},
        Fate.REFUSED: {"TEST_PRODUCT": 1},
    }
    (month,) = report.months
    assert month.file == Figures(orders=2, gross=Decimal("14.501"), returns=Decimal("2.50"))
    assert month.api == Figures(orders=2, gross=Decimal("10.00"), returns=Decimal("2.50"))
    assert month.differences == {
        "TEST_PRODUCT": Figures(gross=Decimal("4.50")),
        "SUB_PENNY_PRICES": Figures(gross=Decimal("0.001")),
    }


def test_the_report_tells_what_became_of_the_credit_notes() -> None:
    rows = numbered(
        line(quantity=2, price="3"),
        line("C500002", quantity=-3, price="4"),
        line("C500003", quantity=-1),
        line("C500003", "M", price="5"),
        line("C500004", quantity=-1, customer=None),
    )
    plan = planned(rows)
    told = Report(plan, Outcome(), (), {}, (), reported(plan, Outcome(), {}, {}, {}).in_api).as_json()
    assert told["creditNotes"] == {
        "all": 3,
        "matched": 0,
        "matchedInPart": 1,
        "unmatched": 2,
        "byReason": {
            "CREDITED_MANUAL": {"notes": 1, "rows": 1, "units": -1, "amount": "5.00"},
            "MORE_THAN_SHIPPED": {"notes": 1, "rows": 1, "units": 1, "amount": "-4.00"},
            "NOTHING_SHIPPED": {"notes": 1, "rows": 1, "units": 1, "amount": "-2.50"},
            "NO_CUSTOMER": {"notes": 1, "rows": 1, "units": 1, "amount": "-2.50"},
            "RETURN": {"notes": 1, "rows": 1, "units": 2, "amount": "-8.00"},
        },
    }
    assert told["returns"]["cut"] == [{"return": "C500002/500001", "credited": "8.00", "refunded": "6.00"}]


def test_an_order_that_was_refused_is_told_with_its_money_and_the_report_does_not_agree() -> None:
    plan = planned(ROWS)
    outcome = Outcome(corrected=DONE)
    outcome.refuse("order", "500001", [{"code": "INSUFFICIENT_STOCK", "message": "Not enough.", "field": ["lines"]}])
    outcome.refuse(RETURN, "C500002/500001", [{"code": "ORDER_REFUSED", "message": "It is not there.", "field": None}])
    kept = as_placed(plan)
    del kept["500001"]
    report = reported(plan, outcome, kept, {}, {"2010-06": Figures(orders=1)})
    assert report.rows_accounted_for == plan.rows
    assert report.rows[Fate.REFUSED] == {"TEST_PRODUCT": 1, "INSUFFICIENT_STOCK": 1}
    assert report.months[0].agrees
    assert not report.agrees


def test_rows_and_orders_that_went_missing_without_a_word_are_noticed() -> None:
    plan = planned(ROWS)
    kept = as_placed(plan)
    report = reported(plan, Outcome(), {"500003": kept["500003"]}, as_returned(plan), {"2010-06": Figures(orders=1)})
    assert (report.rows_accounted_for, plan.rows) == (4, 6)
    assert not report.months[0].agrees
    assert not report.agrees


@pytest.mark.parametrize(
    "changes",
    [{"goods": Decimal("2.51")}, {"arrived": False}, {"captured": Decimal("2.49")}, {"refunded": Decimal("0.01")}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_order_that_the_api_has_otherwise_is_noticed(changes: dict[str, Any]) -> None:
    plan = planned([line()])
    (order,) = as_placed(plan).values()
    report = reported(plan, Outcome(), {"500001": replace(order, **changes)}, {}, as_reported(plan))
    assert len(report.wrong) == 1
    assert not report.agrees


@pytest.mark.parametrize(
    "changes",
    [{"all_received": False}, {"received": 2}, {"paid_back": False}, {"refunded": Decimal("2.49")}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_return_that_the_api_has_otherwise_is_noticed(changes: dict[str, Any]) -> None:
    plan = planned(ROWS)
    (back,) = as_returned(plan).values()
    outcome = Outcome(corrected=DONE)
    there = {back.ref: replace(back, **changes)}
    assert len(reported(plan, outcome, as_placed(plan), there, as_reported(plan)).wrong) == 1
    assert len(reported(plan, outcome, as_placed(plan), {}, as_reported(plan)).wrong) == 1


@pytest.mark.parametrize("measure", ["orders", "gross", "discounts", "returns"])
def test_a_month_that_the_api_reports_otherwise_is_noticed(measure: str) -> None:
    plan = planned(ROWS)
    months = as_reported(plan)
    months["2010-06"] += Figures(**{measure: 1})  # type: ignore[arg-type]
    report = reported(plan, Outcome(corrected=DONE), as_placed(plan), as_returned(plan), months)
    assert (report.agrees, report.wrong, report.months[0].agrees) == (False, [], False)


def test_orders_of_the_channel_that_are_not_of_this_run_are_noticed() -> None:
    plan = planned(ROWS, limit=1)
    whole = planned(ROWS)
    report = reported(plan, Outcome(), as_placed(whole), as_returned(whole), as_reported(plan))
    assert any("did not ask for" in wrong for wrong in report.wrong)


def test_a_file_is_read_with_exact_prices_and_without_outer_blanks(tmp_path: Path) -> None:
    rows = [line(code="47503J ", price="0.1", description=" A THING "), line(price="6.95", customer=None, description=None)]
    first, second = read(write(tmp_path / "file.parquet", rows))
    assert (first.number, first.code, first.price, first.description) == (1, "47503J", Decimal("0.1"), "A THING")
    assert (first.customer, second.customer, second.description) == ("12345", None, None)


@pytest.mark.parametrize("content", [None, b"not parquet"])
def test_a_file_that_is_missing_or_no_parquet_is_told_in_one_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="cannot be read as parquet"):
        read(path)
