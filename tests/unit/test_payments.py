"""The fold of payment events, what follows from a balance, and what becomes of refunds."""

from collections import defaultdict
from dataclasses import fields
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.errors import ExceedsRefundable, InvalidAmount, NothingOverpaid
from oms_api.domain.payments.fold import SUM_OF, Sums, balance_of
from oms_api.domain.payments.policies import cancel, refund_meant, report, request
from oms_api.domain.payments.shapes import REFUNDS
from oms_api.domain.payments.states import PaymentEventType, RefundReason, RefundStatus
from oms_api.domain.payments.tables import FOLDED, SUMS, RefundRow
from oms_api.domain.payments.verbs import CANCEL, LIFE, REPORT, REQUEST
from oms_api.kernel.errors import IllegalMove
from oms_api.workflows.refund.suggested import suggested

T, S = PaymentEventType, RefundStatus
AT = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(PaymentEventType), st.integers(1, 1_000)), max_size=12)


def folded(events: list[tuple[str, PaymentEventType, int]]) -> dict[str, Sums]:
    transactions: dict[str, Sums] = defaultdict(Sums)
    for reference, kind, amount in events:
        transactions[reference] = transactions[reference].plus(kind, amount)
    return transactions


def refund(
    status: RefundStatus = S.GRANTED, *, amount: int = 100, refunded: int = 0, number: int = 1, **more: object
) -> RefundRow:
    values = dict.fromkeys(REFUNDS.names)
    off = amount - refunded if status is S.CANCELED else 0
    told = {
        "requested_at": None if status is S.GRANTED else AT,
        "succeeded_at": AT if status is S.SUCCEEDED else None,
        "failed_at": AT if status is S.FAILED else None,
        "canceled_at": AT if status is S.CANCELED else None,
    }
    amounts = {
        "amount_minor": amount, "refunded_minor": refunded, "called_off_minor": off, "owed_minor": amount - off - refunded,
        "settled_minor": refunded,
    }  # fmt: skip
    named = {"id": UUID(int=number), "status": status, "reason": RefundReason.OTHER, "granted_at": AT}
    return REFUNDS.record(list({**values, **named, **told, **amounts, **more}.values()))


def test_sums_are_the_columns_of_a_transaction_and_each_type_but_a_failure_has_one() -> None:
    assert tuple(f"{field.name}_minor" for field in fields(Sums)) == FOLDED
    assert set(SUM_OF) == set(PaymentEventType) - {T.FAILED}
    assert {f"{name}_minor" for name in SUM_OF.values()} == set(SUMS)
    assert Sums().plus(T.FAILED, 5) == Sums()


@given(EVENTS, st.randoms())
def test_whatever_the_order_of_arrival_transactions_and_balance_are_the_same(
    events: list[tuple[str, PaymentEventType, int]], chance: object
) -> None:
    shuffled = [*events]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = folded(events), folded(shuffled)
    assert one == other
    assert balance_of(one.values()) == balance_of(other.values())


def test_a_balance_is_what_its_transactions_add_up_to() -> None:
    card = Sums(authorized=100, captured=60, voided=10, refunded=20)
    bank = Sums(captured=50, charged_back=30, disputed=30)
    other = Sums(charged_back_reversed=10, dispute_closed=40)
    balance = balance_of([card, bank, other], granted=5)
    assert balance == Balance(authorized=30, voided=10, captured=110, refunded=20, charged_back=20, disputed=0, granted=5)
    assert (balance.net, balance.refundable, balance.outstanding(100), balance.overpaid(50)) == (70, 65, 30, 15)


def test_more_gone_than_came_leaves_nothing_to_refund() -> None:
    balance = Balance(captured=10, refunded=15)
    assert (balance.net, balance.refundable, balance.outstanding(10), balance.overpaid(0)) == (-5, 0, 15, 0)


def test_what_is_suggested_is_what_is_overpaid_and_not_granted_and_for_a_return_no_more_than_came_back() -> None:
    paid = Balance(captured=100)
    assert [suggested(paid, due, None) for due in (120, 100, 60, 0)] == [0, 0, 40, 100]
    assert suggested(Balance(captured=100, granted=30), 60, None) == 10
    assert [suggested(paid, 60, back) for back in (0, 25, 70)] == [0, 25, 40]


@pytest.mark.parametrize("status", RefundStatus)
def test_our_own_moves_follow_the_table(status: RefundStatus) -> None:
    was = refund(status, refunded=100 if status is S.SUCCEEDED else 0)
    assert (LIFE.why_not(REQUEST, status, None) is None) == (status in REQUEST.moves)
    assert (LIFE.why_not(CANCEL, status, None) is None) == (status in CANCEL.moves)
    if status in REQUEST.moves:
        now = request(was, "till", "re_1", AT)
        assert (now.status, now.gateway, now.provider_reference, now.requested_at) == (S.REQUESTED, "till", "re_1", AT)
    else:
        with pytest.raises(IllegalMove):
            request(was, "till", None, AT)
    if status in CANCEL.moves:
        now = cancel(was, "no", AT)
        assert (now.status, now.called_off_minor, now.owed_minor, now.cancel_note) == (S.CANCELED, 100, 0, "no")
    else:
        with pytest.raises(IllegalMove):
            cancel(was, None, AT)


@pytest.mark.parametrize("status", RefundStatus)
@pytest.mark.parametrize("kind", [T.REFUNDED, T.FAILED])
@pytest.mark.parametrize("amount", [40, 100, 130])
def test_reports_move_a_refund_along_the_table(status: RefundStatus, kind: PaymentEventType, amount: int) -> None:
    was = refund(status, refunded=100 if status is S.SUCCEEDED else 0)
    now = report(was, kind, amount, AT)
    assert now.status is was.status or now.status in REPORT.moves[was.status]
    assert now.refunded_minor == was.refunded_minor + (amount if kind is T.REFUNDED else 0)
    assert now.status.open == (now.owed_minor > 0)
    assert (now.status is S.SUCCEEDED) == (now.succeeded_at is not None)
    assert (now.requested_at is not None) or now.status in {S.GRANTED, S.CANCELED}
    if was.status in {S.GRANTED, S.REQUESTED} and kind is T.FAILED:
        assert (now.status, now.failed_at) == (S.FAILED, AT)


@pytest.mark.parametrize(
    ("reports", "status", "refunded"),
    [
        ([(T.REFUNDED, 100), (T.FAILED, 100)], S.SUCCEEDED, 100),
        ([(T.REFUNDED, 40), (T.REFUNDED, 60)], S.SUCCEEDED, 100),
        ([(T.REFUNDED, 40), (T.FAILED, 60)], S.FAILED, 40),
        ([(T.REFUNDED, 40), (T.FAILED, 60), (T.REFUNDED, 60)], S.SUCCEEDED, 100),
        ([(T.REFUNDED, 40)], S.REQUESTED, 40),
    ],
)
def test_a_refund_ends_in_the_same_place_whatever_comes_first(
    reports: list[tuple[PaymentEventType, int]], status: RefundStatus, refunded: int
) -> None:
    for order in permutations(reports):
        now = refund()
        for kind, amount in order:
            now = report(now, kind, amount, AT)
        assert (now.status, now.refunded_minor) == (status, refunded)


def test_what_was_paid_before_a_cancellation_was_owed_and_what_is_paid_after_it_was_not() -> None:
    failed = report(report(refund(), T.REFUNDED, 40, AT), T.FAILED, 60, AT)
    canceled = cancel(failed, None, AT)
    assert (canceled.called_off_minor, canceled.owed_minor, canceled.settled_minor) == (60, 0, 40)
    late = report(canceled, T.REFUNDED, 60, AT)
    assert (late.status, late.refunded_minor, late.owed_minor, late.settled_minor) == (S.CANCELED, 100, 0, 40)


def test_an_event_without_a_refund_means_the_open_one_with_the_providers_reference() -> None:
    asked: dict[str, Any] = {"gateway": "till", "provider_reference": "ch_1"}
    first, second = refund(S.REQUESTED, amount=30, **asked), refund(S.REQUESTED, amount=50, number=2, **asked)
    done = refund(S.SUCCEEDED, amount=50, refunded=50, number=0, **asked)
    among = [second, first, done, refund(number=3)]
    assert refund_meant(among, "till", {"re_9", "ch_1"}, T.REFUNDED, 50) is second
    assert refund_meant(among, "till", {"ch_1"}, T.REFUNDED, 20) is first
    assert refund_meant(among, "till", {"ch_1"}, T.FAILED, 20) is first
    for gateway, references, kind in (
        ("other", {"ch_1"}, T.REFUNDED),
        ("till", {"ch_2"}, T.REFUNDED),
        ("till", {"ch_1"}, T.CAPTURED),
    ):
        assert refund_meant(among, gateway, references, kind, 50) is None


def test_messages_name_what_would_be_right() -> None:
    assert ExceedsRefundable(refundable="5.00 GBP", requested="9.00 GBP").message.startswith("Only 5.00 GBP can still")
    assert "at most 5.00 GBP" in NothingOverpaid(refundable="5.00 GBP").message
    assert InvalidAmount(given="0").message == "An amount here is more than zero: 0 is not."
