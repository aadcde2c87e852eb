"""What can come back, what it is worth, and what can be done with a return, as pure rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.orders.quantities import FREE, LineMoney, LineUnits, announce_return, take_back, whole_sets
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.statuses import return_status
from oms_api.domain.returns.policies import UnitsWanted, decide_return, order_actions, value_of
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.verbs import CANCEL, CLOSE, LIFE, RECEIVE
from oms_api.kernel.errors import IllegalMove, Refused
from oms_api.kernel.ids import LineId, new_uuid

S = ReturnOrderStatus


def units(ordered: int = 6, *, kind: LineKind = LineKind.GOODS, parent: LineId | None = None, **more: Any) -> LineUnits:
    return LineUnits(**{
        "id": new_uuid(), "kind": kind, "parent_id": parent, "ordered": ordered, "shipped": ordered, "delivered": ordered,
        **more,
    })  # fmt: skip


def by_id(*lines: LineUnits) -> dict[LineId, LineUnits]:
    return {line.id: line for line in lines}


def refusals(lines: dict[LineId, LineUnits], *wanted: tuple[LineId, int]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        decide_return(lines, [UnitsWanted(*each) for each in wanted])
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


@pytest.mark.parametrize(
    ("line", "returnable"),
    [
        (units(), 6),
        (units(shipped=2, in_fulfillment=4, delivered=0), 2),
        (units(shipped=0, in_fulfillment=6, delivered=0), 0),
        (units(in_return=2, returned=3), 1),
        (units(delivered=3, lost=2, returned_to_sender=1), 3),
        (units(kind=LineKind.FEE), 6),
    ],
)
def test_what_left_and_is_not_coming_back_already_can_come_back(line: LineUnits, returnable: int) -> None:
    lines = by_id(line)
    if returnable:
        assert decide_return(lines, [UnitsWanted(line.id, returnable)]) == [[(line.id, returnable)]]
    assert refusals(lines, (line.id, returnable + 1)) == [("NOT_RETURNABLE", "lines.0.quantity")]
    assert order_actions([line])[0].allowed is bool(returnable)


def test_a_bundle_comes_back_by_its_components() -> None:
    bundle = units(3, kind=LineKind.BUNDLE)
    cup, spoons = units(3, parent=bundle.id, in_return=1), units(6, parent=bundle.id)
    lines = by_id(bundle, cup, spoons, units())
    assert decide_return(lines, [UnitsWanted(bundle.id, 2)]) == [[(cup.id, 2), (spoons.id, 4)]]
    assert refusals(lines, (bundle.id, 3), (spoons.id, 1), (bundle.id, 1)) == [
        ("NOT_RETURNABLE", "lines.0.quantity"),
        ("LINE_TWICE", "lines.2.lineId"),
    ]


@given(st.data())
def test_units_of_a_line_take_shares_that_add_up_to_its_money(data: st.DataObject) -> None:
    amounts = [data.draw(st.integers(0, 10**12)) for _ in range(4)]
    line = units(data.draw(st.integers(1, 50)), money=LineMoney(*amounts))
    total, left = FREE, line.ordered
    while left:
        quantity = data.draw(st.integers(1, left))
        share = value_of({line.id: line}, [(line.id, quantity)])
        assert min(share.goods, share.discount, share.shipping, share.tax) >= 0
        total, left = total + share, left - quantity
        line = take_back(announce_return(line, quantity), quantity)
    assert total == line.money


@given(st.integers(1, 5), st.data())
def test_a_bundle_shows_the_whole_sets_that_come_back(sets: int, data: st.DataObject) -> None:
    bundle = units(sets, kind=LineKind.BUNDLE)
    parts = []
    for per_set in (1, 2, 3):
        line = units(sets * per_set, parent=bundle.id)
        coming = data.draw(st.integers(0, line.ordered))
        came = data.draw(st.integers(0, coming))
        parts.append(take_back(announce_return(line, coming), came))
    shown = whole_sets(bundle, parts)
    returned = min(part.returned * sets // part.ordered for part in parts)
    assert shown.returned == returned
    assert shown.returned + shown.in_return == min((part.returned + part.in_return) * sets // part.ordered for part in parts)
    assert shown.returned + shown.in_return <= shown.shipped


@pytest.mark.parametrize(
    ("lines", "requested", "status"),
    [
        ([units()], False, "NONE"),
        ([units()], True, "REQUESTED"),
        ([units(in_return=1), units(returned=6)], True, "IN_PROGRESS"),
        ([units(returned=1)], True, "PARTIALLY_RETURNED"),
        ([units(returned=6), units(kind=LineKind.FEE)], False, "RETURNED"),
        ([units(returned=4, delivered=4, lost=2)], False, "RETURNED"),
        ([units(), units(kind=LineKind.FEE, returned=6)], False, "PARTIALLY_RETURNED"),
        ([units(returned=6), units(6, kind=LineKind.BUNDLE, in_return=6)], False, "RETURNED"),
    ],
)
def test_each_rung_of_the_return_status(lines: list[LineUnits], requested: bool, status: str) -> None:
    assert return_status(lines, requested=requested) == status


ALLOWED = {
    S.REQUESTED: (False, False, True),
    S.APPROVED: (True, True, True),
    S.DECLINED: (False, False, False),
    S.IN_TRANSIT: (True, True, False),
    S.PARTIALLY_RECEIVED: (True, True, False),
    S.RECEIVED: (False, True, False),
    S.CLOSED: (False, False, False),
    S.CANCELED: (False, False, False),
}


@pytest.mark.parametrize("status", S)
def test_what_can_be_done_with_a_return_follows_from_its_status(status: S) -> None:
    assert tuple(action.allowed for action in LIFE.actions(status, status)) == ALLOWED[status]
    for refusal in (LIFE.why_not(verb, status, status) for verb in (RECEIVE, CLOSE, CANCEL)):
        assert refusal is None or refusal.field == ("returnId",)
    assert isinstance(LIFE.why_not(CLOSE, S.CANCELED, S.CANCELED), IllegalMove)
    assert status.open is (status in {S.REQUESTED, S.APPROVED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED})
