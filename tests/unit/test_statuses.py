"""Derived statuses: every rung of both ladders."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.orders.states import FulfillmentStatus as F
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.states import PaymentStatus as P
from oms_api.domain.orders.statuses import fulfillment_status, payment_status
from oms_api.domain.payments.balance import Balance


@dataclass(frozen=True)
class Line:
    ordered: int = 4
    canceled: int = 0
    backordered: int = 0
    allocated: int = 0
    in_fulfillment: int = 0
    shipped: int = 0
    delivered: int = 0
    kind: LineKind = LineKind.GOODS


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], F.NOT_REQUIRED),
        ([Line(kind=LineKind.SERVICE, shipped=4, delivered=4)], F.NOT_REQUIRED),
        ([Line(canceled=4)], F.NOT_REQUIRED),
        ([Line(canceled=1, shipped=3, delivered=3)], F.DELIVERED),
        ([Line(shipped=4, delivered=4), Line(shipped=4, delivered=1)], F.PARTIALLY_DELIVERED),
        ([Line(shipped=4)], F.SHIPPED),
        ([Line(canceled=1, shipped=3)], F.SHIPPED),
        ([Line(shipped=1, in_fulfillment=3)], F.PARTIALLY_SHIPPED),
        ([Line(shipped=4), Line(allocated=4)], F.PARTIALLY_SHIPPED),
        ([Line(allocated=1, in_fulfillment=3)], F.ALLOCATED),
        ([Line(allocated=4), Line(kind=LineKind.FEE)], F.ALLOCATED),
        ([Line(allocated=1, backordered=3)], F.PARTIALLY_ALLOCATED),
        ([Line(backordered=1)], F.BACKORDERED),
        ([Line()], F.UNALLOCATED),
    ],
)
def test_each_rung_of_fulfillment(lines: list[Line], status: F) -> None:
    assert fulfillment_status(lines) is status
    begun = fulfillment_status(lines, work_has_begun=True)
    below = {F.ALLOCATED, F.PARTIALLY_ALLOCATED, F.BACKORDERED, F.UNALLOCATED}
    assert begun is (F.IN_PROGRESS if status in below else status)


@given(
    st.permutations([Line(shipped=2, in_fulfillment=2), Line(backordered=4), Line(allocated=4), Line(kind=LineKind.DIGITAL)])
)
def test_the_order_of_lines_does_not_matter(lines: list[Line]) -> None:
    assert fulfillment_status(lines) is F.PARTIALLY_SHIPPED


@pytest.mark.parametrize(
    ("captured", "refunded", "authorized", "due", "status"),
    [
        (0, 0, 0, 100, P.PENDING),
        (0, 0, 100, 100, P.AUTHORIZED),
        (40, 0, 60, 100, P.PARTIALLY_PAID),
        (100, 0, 0, 100, P.PAID),
        (0, 0, 0, 0, P.PAID),
        (101, 0, 0, 100, P.OVERPAID),
        (100, 40, 0, 100, P.PARTIALLY_REFUNDED),
        (100, 100, 0, 100, P.REFUNDED),
    ],
)
def test_each_rung_of_payment(captured: int, refunded: int, authorized: int, due: int, status: P) -> None:
    balance = Balance(captured=captured, refunded=refunded, authorized=authorized)
    assert payment_status(balance, due=due) is status
