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
    lost: int = 0
    returned_to_sender: int = 0
    sends_again: bool = False
    kind: LineKind = LineKind.GOODS


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], F.NOT_REQUIRED),
        ([Line(kind=LineKind.SERVICE, shipped=4, delivered=4)], F.NOT_REQUIRED),
        ([Line(canceled=4)], F.NOT_REQUIRED),
        ([Line(canceled=1, shipped=3, delivered=3)], F.DELIVERED),
        ([Line(shipped=4, delivered=4), Line(shipped=4, delivered=1)], F.PARTIALLY_DELIVERED),
        ([Line(shipped=4, delivered=1, lost=3)], F.PARTIALLY_DELIVERED),
        ([Line(shipped=4, lost=1, returned_to_sender=3)], F.UNDELIVERED),
        ([Line(shipped=4, delivered=3, lost=1), Line(1, shipped=1, delivered=1, sends_again=True)], F.DELIVERED),
        ([Line(shipped=4, delivered=3, lost=1), Line(1, in_fulfillment=1, sends_again=True)], F.PARTIALLY_DELIVERED),
        ([Line(shipped=4, lost=4), Line(4, in_fulfillment=4, sends_again=True)], F.ALLOCATED),
        ([Line(shipped=4, lost=4), Line(4, shipped=4, sends_again=True)], F.SHIPPED),
        ([Line(shipped=4, lost=4), Line(4, canceled=4, sends_again=True)], F.UNDELIVERED),
        ([Line(shipped=4, lost=3)], F.SHIPPED),
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
    ("balance", "due", "status"),
    [
        (Balance(), 100, P.PENDING),
        (Balance(authorized=100), 100, P.AUTHORIZED),
        (Balance(captured=40, authorized=60), 100, P.PARTIALLY_PAID),
        (Balance(captured=100), 100, P.PAID),
        (Balance(captured=101), 100, P.OVERPAID),
        (Balance(captured=100, refunded=40), 100, P.PARTIALLY_REFUNDED),
        (Balance(captured=100, refunded=40), 60, P.PARTIALLY_REFUNDED),
        (Balance(captured=100, refunded=100), 100, P.REFUNDED),
        (Balance(), 0, P.NOT_REQUIRED),
        (Balance(authorized=100), 0, P.AUTHORIZED),
        (Balance(voided=100), 0, P.VOIDED),
        (Balance(voided=100), 100, P.VOIDED),
        (Balance(voided=40, captured=60), 60, P.PAID),
        (Balance(captured=100, refunded=40), 50, P.OVERPAID),
        (Balance(captured=100, refunded=40), 0, P.OVERPAID),
        (Balance(captured=100, refunded=100), 0, P.REFUNDED),
        (Balance(captured=100, charged_back=100), 0, P.REFUNDED),
        (Balance(captured=100, charged_back=100), 100, P.PENDING),
    ],
)
def test_each_rung_of_payment(balance: Balance, due: int, status: P) -> None:
    assert payment_status(balance, due=due) is status


AMOUNTS = st.integers(0, 300)


@given(
    st.builds(Balance, **dict.fromkeys(("authorized", "voided", "captured", "refunded", "charged_back", "granted"), AMOUNTS)),
    AMOUNTS,
)
def test_a_payment_status_says_what_is_true(balance: Balance, due: int) -> None:
    status = payment_status(balance, due=due)
    moved = balance.captured or balance.refunded or balance.charged_back
    if status is P.PAID:
        assert balance.net == due > 0
    if status is P.NOT_REQUIRED:
        assert (due, moved, balance.authorized) == (0, 0, 0)
    assert (status is P.OVERPAID) == (balance.net > due)
    assert balance.overpaid(due) == 0 or status is P.OVERPAID
    if status is P.OVERPAID and balance.overpaid(due) == 0:
        assert balance.granted >= balance.net - due
    if not moved:
        assert (status is P.AUTHORIZED) == (balance.authorized > 0)
