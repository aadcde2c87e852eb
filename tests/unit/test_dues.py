"""What a customer owes: one fold of what units cost, what was conceded, and the fees kept."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.orders.dues import NOTHING, Place, Share, cost, dues_of
from oms_api.domain.orders.quantities import LineMoney, LineUnits
from oms_api.domain.orders.states import LineKind
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.states import RefundPartKind as K
from oms_api.kernel.ids import LineId

A, B = LineId(UUID(int=1)), LineId(UUID(int=2))


def line(key: LineId = A, *, units: int = 2, each: int = 1_000, gone: int = 0, shipping: int = 0, tax: int = 0) -> LineUnits:
    money = LineMoney(goods=each * units, shipping=shipping, tax=tax)
    return LineUnits(id=key, kind=LineKind.GOODS, parent_id=None, ordered=units, shipped=units, returned=gone, money=money)


def due(*lines: LineUnits, conceded: dict[Place, int] | None = None, fees: int = 0) -> int:
    granted = {place: Share(amount) for place, amount in (conceded or {}).items()}
    return dues_of(lines, prices_include_tax=True, conceded=granted, fees=fees).due


@pytest.mark.parametrize(
    ("gone", "conceded", "fees", "expected"),
    [
        (0, {}, 0, 2_000),
        (0, {K.CONCESSION: 100}, 0, 1_900),
        (1, {K.CONCESSION: 500}, 0, 500),
        (2, {K.CONCESSION: 500}, 0, 0),
        (2, {K.CONCESSION: 500}, 200, 200),
        (1, {}, 200, 1_200),
        (0, {A: 1_500}, 0, 500),
        (1, {A: 1_500}, 0, 0),
        (0, {K.FEE: 150}, 200, 2_050),
        (0, {K.FEE: 300}, 200, 2_000),
        (0, {K.CONCESSION: 9_000}, 200, 200),
    ],
)
def test_concessions_lower_what_is_due_and_fees_raise_it(
    gone: int, conceded: dict[Place, int], fees: int, expected: int
) -> None:
    assert due(line(gone=gone), conceded=conceded, fees=fees) == expected


def test_a_concession_on_a_line_is_gone_with_it_and_takes_nothing_off_another() -> None:
    assert due(line(A, gone=2), line(B), conceded={A: 1_500}) == 2_000
    assert due(line(A), line(B, gone=2), conceded={A: 1_500}) == 500


def test_shipping_is_conceded_by_itself() -> None:
    lines = line(shipping=500), line(B, units=1, shipping=300)
    assert due(*lines, conceded={K.SHIPPING: 800}) == 3_000
    assert due(line(shipping=500, gone=1), conceded={K.SHIPPING: 500}) == 1_000


def test_what_lines_and_shipping_cost_is_told_apart_with_their_taxes() -> None:
    taxed = replace(line(shipping=500, tax=500), shipping_tax=100)
    assert cost([taxed], prices_include_tax=True) == {A: Share(2_000, 0, 400), K.SHIPPING: Share(500, 500, 100)}
    assert cost([taxed], prices_include_tax=False) == {A: Share(2_400, 0, 400), K.SHIPPING: Share(600, 500, 100)}
    back = replace(taxed, returned=1)
    assert cost([back], prices_include_tax=False) == {A: Share(1_200, 0, 200), K.SHIPPING: Share(300, 250, 50)}
    assert cost([back], prices_include_tax=False, whole=True) == cost([taxed], prices_include_tax=False)
    assert Share(2_400, 0, 400).part(600) == Share(600, 0, 100)


LINES = st.lists(
    st.builds(
        lambda units, gone, each, shipping, tax: (units, min(gone, units), each, shipping, tax),
        st.integers(1, 5), st.integers(0, 5), st.integers(0, 999), st.integers(0, 99), st.integers(0, 99),
    ),
    min_size=1, max_size=3,
)  # fmt: skip
AMOUNTS = st.integers(0, 3_000)


@given(LINES, st.lists(AMOUNTS, min_size=4, max_size=4), AMOUNTS, st.booleans(), AMOUNTS, AMOUNTS)
def test_whatever_happened_the_figures_of_an_order_agree(
    given_: list[tuple[int, ...]], granted: list[int], fees: int, taxed: bool, captured: int, owed: int
) -> None:
    keys = [LineId(UUID(int=number)) for number in range(len(given_))]
    lines = [
        replace(line(key, units=units, gone=gone, each=each, shipping=shipping, tax=tax), shipping_tax=tax // 3)
        for key, (units, gone, each, shipping, tax) in zip(keys, given_, strict=True)
    ]
    places: list[Place] = [keys[0], K.SHIPPING, K.FEE, K.CONCESSION]
    conceded = {place: Share(amount) for place, amount in zip(places, granted, strict=True)}
    left = sum(each.amount for each in cost(lines, prices_include_tax=taxed).values())
    now = dues_of(lines, prices_include_tax=taxed, conceded=conceded, fees=fees)
    plain = dues_of(lines, prices_include_tax=taxed, fees=fees)
    assert plain.due == left + fees
    assert 0 <= now.due <= plain.due
    assert now.due + sum(each.amount for each in now.conceded.values()) == plain.due
    assert all(taken.amount <= conceded[place].amount for place, taken in now.conceded.items())
    gone = [replace(each, returned=each.ordered) for each in lines]
    assert dues_of(gone, prices_include_tax=taxed, conceded={**conceded, K.FEE: NOTHING}, fees=fees).due == fees
    balance = Balance(captured=captured, granted=min(owed, captured))
    assert balance.outstanding(now.due) == 0 or balance.overpaid(now.due) == 0
    assert balance.overpaid(now.due) <= balance.refundable
    assert balance.outstanding(now.due) <= balance.outstanding(plain.due)
