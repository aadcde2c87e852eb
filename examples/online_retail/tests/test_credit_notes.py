"""Which units of which orders a credit note takes back, what it gives for them, and when everything happens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from examples.online_retail.classify import Kind
from examples.online_retail.matching import Return
from examples.online_retail.outcome import Outcome
from examples.online_retail.pay_and_ship import PayAndShip
from examples.online_retail.plan import Plan, planned
from examples.online_retail.rows import Row
from examples.online_retail.tests.invoices import line, numbered

NOTE = "C500009"
SALE_AT, BACK_AT = "2010-06-01 10:00:00", "2010-06-20 12:00:00"


def bought(invoice: str, quantity: int, price: str = "2.50", **more: Any) -> Row:
    return line(invoice, quantity=quantity, price=price, **more)


def given_back(quantity: int, price: str = "2.50", *, invoice: str = NOTE, at: str = BACK_AT, **more: Any) -> Row:
    return line(invoice, quantity=-quantity, price=price, at=at, **more)


def plan_of(*rows: Row, limit: int | None = None) -> Plan:
    return planned(numbered(*rows), limit)


def units_of(plan: Plan) -> list[tuple[str, Mapping[int, int]]]:
    return [(back.order, back.units) for back in plan.returns]


def only(plan: Plan) -> Return:
    (back,) = plan.returns
    return back


def test_what_was_bought_last_comes_back_first_and_each_order_has_a_return_of_its_own() -> None:
    plan = plan_of(bought("500001", 5), bought("500002", 3), bought("500003", 2), given_back(6))
    assert units_of(plan) == [("500003", {0: 2}), ("500002", {0: 3}), ("500001", {0: 1})]
    assert [back.ref for back in plan.returns] == ["C500009/500003", "C500009/500002", "C500009/500001"]


def test_what_came_back_once_does_not_come_back_again() -> None:
    rows = (bought("500001", 2), bought("500002", 2), given_back(1), given_back(2, invoice="C500010"))
    assert units_of(plan_of(*rows)) == [("500002", {0: 1}), ("500002", {0: 1}), ("500001", {0: 1})]


def test_of_one_order_the_last_line_of_a_product_comes_first_and_rows_of_one_line_are_one() -> None:
    rows = (bought("500001", 2), bought("500001", 9, code="10002"), bought("500001", 2), given_back(1), given_back(2))
    assert units_of(plan_of(*rows)) == [("500001", {2: 2, 0: 1})]


def test_postage_and_discounts_take_no_place_among_the_lines() -> None:
    rows = (line("500001", "POST"), line("500001", "D", -1, "0.10"), bought("500001", 1, code="10002"), bought("500001", 2))
    assert units_of(plan_of(*rows, given_back(1))) == [("500001", {1: 1})]


@pytest.mark.parametrize(
    "row",
    [
        bought("500001", 3, customer="54321"),
        bought("500001", 3, customer=None),
        bought("500001", 3, code="10002"),
        bought("500001", 3, code="10001a"),
        bought("500001", 3, at="2010-06-20 12:01:00"),
        line("500001", "M", 3),
    ],
    ids=["another customer", "a guest", "another product", "another case", "later", "no goods"],
)
def test_what_the_customer_had_not_bought_before_does_not_come_back(row: Row) -> None:
    plan = plan_of(row, given_back(1))
    assert plan.returns == []
    assert plan.credits[Kind.NOTHING_SHIPPED].units == 1


def test_a_credit_note_that_stands_before_its_sale_in_the_file_but_is_later_takes_it_back() -> None:
    assert units_of(plan_of(given_back(1), bought("500001", 1))) == [("500001", {0: 1})]


def test_of_more_than_was_bought_the_rest_is_listed() -> None:
    plan = plan_of(bought("500001", 3), given_back(5, "2"))
    assert units_of(plan) == [("500001", {0: 3})]
    told = {kind: (credit.rows, credit.units, credit.amount) for kind, credit in plan.credits.items()}
    assert told == {Kind.RETURN: (1, 3, Decimal(-6)), Kind.MORE_THAN_SHIPPED: (1, 2, Decimal(-4))}
    assert {kind: tally.rows for kind, tally in plan.kinds.items()} == {Kind.GOODS: 1, Kind.RETURN: 1}


def test_a_refund_is_what_the_credit_note_gives_as_far_as_the_order_was_paid() -> None:
    rows = (
        bought("500001", 3, "2"),
        given_back(1, "5"),
        given_back(1, "5", invoice="C500010"),
        given_back(1, invoice="C500011"),
    )
    returns = plan_of(*rows).returns
    assert [str(back.credited) for back in returns] == ["5.00", "5.00", "2.50"]
    assert [str(back.granted) for back in returns] == ["5.00", "1.00", "0.00"]
    assert [back.value for back in returns] == [2, 2, 2]


def test_goods_come_back_at_what_they_had_cost_less_their_share_of_discounts_and_the_last_takes_the_rest() -> None:
    rows = [bought("500001", 3, "1"), line("500001", "10002", price="1"), line("500001", "D", -1, "1")]
    notes = [given_back(1, invoice=f"C50001{n}") for n in range(3)]
    assert [back.value for back in plan_of(*rows, *notes).returns] == [Decimal("0.75"), Decimal("0.75"), Decimal("0.75")]
    thirds = [bought("500001", 3, "0.335"), *notes]  # 1.01 in whole pence
    returns = plan_of(*thirds).returns
    assert [back.value for back in returns] == [Decimal("0.34"), Decimal("0.33"), Decimal("0.34")]
    assert sum(back.lost for back in returns) == Decimal("-0.005")


def test_goods_that_were_a_gift_come_back_for_nothing() -> None:
    back = only(plan_of(bought("500001", 1, "0"), given_back(1, "3")))
    assert (back.credited, back.granted, back.value) == (Decimal(3), Decimal(0), Decimal(0))


def test_a_return_happens_at_the_shops_time_of_the_credit_note() -> None:
    back = only(plan_of(bought("500001", 1), given_back(1, at="2010-07-01 00:30:00")))
    assert (back.at, back.month) == (datetime(2010, 6, 30, 23, 30, tzinfo=UTC), "2010-07")


def test_a_return_in_an_hour_that_the_clock_leaves_out_is_not_before_its_order() -> None:
    sale, back = "2010-03-28 01:30:00", "2010-03-28 02:10:00"  # 01:30 UTC, 01:10 UTC
    plan = plan_of(bought("500001", 1, at=sale), given_back(1, at=back))
    assert only(plan).at == plan.sales[0].placed_at


@pytest.mark.parametrize(
    ("back_at", "ships_at", "arrives_at"),
    [
        (None, datetime(2010, 6, 2, 9, tzinfo=UTC), datetime(2010, 6, 4, 9, tzinfo=UTC)),
        ("2010-06-20 12:00:00", datetime(2010, 6, 2, 9, tzinfo=UTC), datetime(2010, 6, 4, 9, tzinfo=UTC)),
        ("2010-06-03 12:00:00", datetime(2010, 6, 2, 9, tzinfo=UTC), datetime(2010, 6, 3, 11, tzinfo=UTC)),
        ("2010-06-01 10:00:00", datetime(2010, 6, 1, 9, tzinfo=UTC), datetime(2010, 6, 1, 9, tzinfo=UTC)),
    ],
)
def test_goods_leave_a_day_later_and_arrive_after_two_more_or_when_the_first_come_back(
    back_at: str | None, ships_at: datetime, arrives_at: datetime
) -> None:
    notes = [] if back_at is None else [given_back(1, at=back_at), given_back(1, invoice="C500010", at="2010-06-21 12:00:00")]
    plan = plan_of(bought("500001", 2, at=SALE_AT), *notes, limit=1)
    lane = PayAndShip(None, Outcome(), plan.first_back)  # type: ignore[arg-type]
    (sale,) = plan.sales
    assert lane.ships_at(sale) == ships_at
    assert lane.arrives_at(sale, ships_at.isoformat()) == arrives_at


def test_a_limited_run_takes_back_only_what_its_credit_notes_say() -> None:
    rows = (bought("500001", 2), given_back(1), given_back(1, invoice="C500010", at="2010-06-21 12:00:00"))
    assert [len(plan_of(*rows, limit=limit).returns) for limit in (1, 2, 3)] == [0, 1, 2]
    assert plan_of(*rows, limit=1).first_back == plan_of(*rows).first_back
