"""Every state of an order has causes that people understand."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.orders.states import CancelReason, LineKind, OrderStatus
from oms_api.domain.payments.states import RefundStatus
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.kernel.ids import (
    FulfillmentOrderId,
    HoldId,
    IdKind,
    LineId,
    OrderChangeId,
    RefundId,
    ReturnId,
    ShipmentId,
    new_uuid,
)
from oms_api.workflows.explain_order import explain
from oms_api.workflows.explain_order.facts import (
    ExplainedOrder,
    ExplainedRequest,
    ExplainedWork,
    GateFacts,
    HoldFacts,
    LineFacts,
    ParcelFacts,
    RefundFacts,
    RejectedFacts,
    ReturnFacts,
    UnitsOf,
    WaitFacts,
)

NOW = datetime(2026, 9, 20, 10, 30, tzinfo=UTC)
TODAY, EARLIER, LATER = (datetime(2026, 9, day, 8, 12, tzinfo=UTC) for day in (20, 14, 30))
LINE = LineId(new_uuid())
ID: Any = new_uuid()
MUGS = UnitsOf(line_id=LINE, name="MUG-BLUE", units=2)
MUG = UnitsOf(line_id=LINE, name="MUG-BLUE", units=1)
F, P = FulfillmentOrderStatus, ReturnOrderStatus


def told(status: OrderStatus = OrderStatus.OPEN, **facts: Any) -> list[tuple[str, str]]:
    found = explain(ExplainedOrder(**{"status": status, "now": NOW, "zone": "Europe/London", **facts}))
    assert found.summary.startswith(found.causes[0].text)
    return [(cause.code.value, cause.text) for cause in found.causes]


def goods(**units: Any) -> LineFacts:
    return LineFacts(id=LINE, name="MUG-BLUE", **units)


def hold(**more: Any) -> HoldFacts:
    return HoldFacts(**{"id": HoldId(ID), "reason": "FRAUD_REVIEW", "since": TODAY, "by": "clerk", **more})


def work(status: FulfillmentOrderStatus, **more: Any) -> ExplainedWork:
    about = {"id": FulfillmentOrderId(ID), "place": "LEEDS", "status": status, "since": EARLIER, "units": [MUGS]}
    return ExplainedWork(**{**about, **more})


def parcel(*, lost: bool = False, **more: Any) -> ParcelFacts:
    return ParcelFacts(**{"shipment_id": ShipmentId(ID), "lost": lost, "since": EARLIER, "units": [MUG], **more})


@pytest.mark.parametrize(
    ("facts", "code", "text"),
    [
        ({"holds": [hold()]}, "ON_HOLD", "On hold for FRAUD_REVIEW since 09:12 by clerk, until it is released."),
        (
            {"holds": [hold(reason="ADDRESS", note="shippingAddress.city: it is needed in GB.")]},
            "ON_HOLD",
            "On hold for ADDRESS (shippingAddress.city: it is needed in GB) since 09:12 by clerk, until it is released.",
        ),
        (
            {"holds": [hold(approval=True, since=EARLIER)]},
            "ON_HOLD",
            "On hold for FRAUD_REVIEW since 14 September by clerk, needs orders:approve to be released.",
        ),
        (
            {"holds": [hold(of_work=True, place="LEEDS", release_at=LATER)]},
            "FULFILLMENT_ON_HOLD",
            "The work of LEEDS is on hold for FRAUD_REVIEW since 09:12 by clerk, until 30 September.",
        ),
        (
            {"requests": [ExplainedRequest(id=OrderChangeId(ID), since=TODAY, by="chat", reason="another size")]},
            "CHANGE_REQUESTED",
            "chat asked for a change (another size) at 09:12; it waits to be applied or declined.",
        ),
        (
            {
                "lines": [LineFacts(id=LINE, name="Gift wrapping", kind=LineKind.SERVICE, unsourced=1)],
                "outstanding": "3.50 GBP",
            },
            "AWAITS_PAYMENT",
            "Gift wrapping is handed over once 3.50 GBP is paid.",
        ),
        (
            {
                "gate": GateFacts(amount="41.45 GBP", paid=False, pay_by=LATER, canceled_then=True),
                "lines": [goods(allocated=2)],
            },
            "AWAITS_PAYMENT",
            "Waits for payment: 41.45 GBP is to be authorized until 30 September; else it is canceled.",
        ),
        (
            {"lines": [goods(unsourced=2)]},
            "UNSOURCED",
            "2 of MUG-BLUE are not promised from any location yet: they are looked for.",
        ),
        (
            {
                "waits": [
                    WaitFacts(
                        units=MUGS,
                        supply="purchase order 12",
                        document=(IdKind.PURCHASE_ORDER, ID),
                        expected_at=datetime(2026, 10, 3, tzinfo=UTC),
                    )
                ]
            },
            "BACKORDERED",
            "2 of MUG-BLUE wait for purchase order 12, expected 3 October.",
        ),
        (
            {"waits": [WaitFacts(units=MUG, ships_on=date(2027, 1, 4))]},
            "BACKORDERED",
            "1 of MUG-BLUE waits for supply; promised for 4 January 2027.",
        ),
        ({"waits": [WaitFacts(units=MUG)]}, "BACKORDERED", "1 of MUG-BLUE waits for supply that nobody has ordered yet."),
        (
            {"lines": [goods(allocated=1)]},
            "ALLOCATED",
            "1 of MUG-BLUE is promised from stock and not released to a location yet.",
        ),
        (
            {"works": [work(F.SCHEDULED, opens_on=date(2026, 9, 28))]},
            "SCHEDULED",
            "2 of MUG-BLUE wait in LEEDS until 28 September.",
        ),
        (
            {"works": [work(F.OPEN, asked=FulfillmentRequestStatus.SUBMITTED)]},
            "AWAITS_SUPPLIER",
            "2 of MUG-BLUE wait for the supplier of LEEDS to answer, since 14 September.",
        ),
        (
            {"works": [work(F.OPEN, asked=FulfillmentRequestStatus.UNSUBMITTED)]},
            "AWAITS_SUPPLIER",
            "2 of MUG-BLUE wait for the supplier of LEEDS to be asked, since 14 September.",
        ),
        ({"works": [work(F.OPEN)]}, "AWAITS_PICKING", "2 of MUG-BLUE wait to be picked in LEEDS since 14 September."),
        ({"works": [work(F.IN_PROGRESS, place=None)]}, "BEING_PICKED", "2 of MUG-BLUE are being picked in a location."),
        ({"parcels": [parcel(tracking="DHL 1")]}, "ON_ITS_WAY", "1 of MUG-BLUE is on the way since 14 September (DHL 1)."),
        (
            {"parcels": [parcel(lost=True)]},
            "LOST",
            "1 of MUG-BLUE was lost on the way, known since 14 September.",
        ),
        (
            {"returns": [ReturnFacts(id=ReturnId(ID), number=7, status=P.APPROVED, since=TODAY)]},
            "RETURN_OPEN",
            "Return 7 is open since 09:12; its goods are to come.",
        ),
        (
            {"refunds": [RefundFacts(id=RefundId(ID), status=RefundStatus.FAILED, since=TODAY, amount="5.00 GBP")]},
            "REFUND_OPEN",
            "A refund of 5.00 GBP is open since 09:12; it could not be paid: request it again, or cancel it.",
        ),
        ({}, "NOTHING_LEFT", "Nothing is left to do: the order is completed with its next change."),
        (
            {"status": OrderStatus.COMPLETED, "ended_at": EARLIER, "lines": [goods(delivered=3, returned=1, canceled=1)]},
            "COMPLETED",
            "Completed on 14 September: 3 of MUG-BLUE delivered, 1 of MUG-BLUE returned, 1 of MUG-BLUE canceled.",
        ),
        (
            {"status": OrderStatus.CANCELED, "ended_at": TODAY, "cancel_reason": CancelReason.CUSTOMER},
            "CANCELED",
            "Canceled at 09:12: the customer changed their mind.",
        ),
    ],
)
def test_each_state_has_its_cause(facts: dict[str, Any], code: str, text: str) -> None:
    assert told(**facts) == [(code, text)]


def test_the_gravest_cause_comes_first_and_the_summary_holds_three() -> None:
    facts = ExplainedOrder(
        status=OrderStatus.OPEN,
        now=NOW,
        zone="Europe/London",
        lines=[goods(unsourced=1, allocated=1)],
        holds=[hold()],
        works=[work(F.OPEN)],
        parcels=[parcel()],
    )
    found = explain(facts)
    assert [cause.code.value for cause in found.causes] == ["ON_HOLD", "UNSOURCED", "ALLOCATED", "AWAITS_PICKING", "ON_ITS_WAY"]
    assert found.summary == " ".join([*(cause.text for cause in found.causes[:3]), "There are 2 more causes."])


def test_no_open_state_of_works_returns_or_refunds_is_without_words() -> None:
    for status in F:
        assert told(works=[work(status)])
    for returned in filter(lambda state: state.open, P):
        assert told(returns=[ReturnFacts(id=ReturnId(ID), number=7, status=returned, since=TODAY)])
    for owed in filter(lambda state: state.open, RefundStatus):
        assert told(refunds=[RefundFacts(id=RefundId(ID), status=owed, since=TODAY)])


def test_units_of_an_order_that_ships_complete_wait_for_the_rest() -> None:
    assert told(ships_complete=True, lines=[goods(in_fulfillment=1, backordered=1)], waits=[WaitFacts(units=MUG)])[-1] == (
        "AWAITS_THE_REST",
        "1 of MUG-BLUE leaves together with the units that are missing: the order ships complete.",
    )
    assert told(ships_complete=True, lines=[goods(in_fulfillment=1)], works=[work(F.OPEN)])[0][0] == "AWAITS_PICKING"


def test_of_many_lines_some_are_named() -> None:
    lines = [LineFacts(id=LINE, name=f"SKU-{number}", unsourced=2) for number in range(1_000)]
    (cause,) = explain(ExplainedOrder(status=OrderStatus.OPEN, now=NOW, zone="Europe/London", lines=lines)).causes
    assert cause.text.startswith("2 of SKU-0, 2 of SKU-1, 2 of SKU-2, 2 of SKU-3, 2 of SKU-4 and 1990 of 995 others are not")
    assert len(cause.line_ids) == 1_000


def test_who_rejected_a_line_is_named() -> None:
    rejected = [RejectedFacts(line_id=LINE, reason="Not found", place="LEEDS"), RejectedFacts(line_id=LINE, reason="Damaged")]
    lines = [LineFacts(id=LINE, name="MUG-BLUE", ordered=2, unsourced=2)]
    assert told(lines=lines, rejections=rejected) == [
        ("UNSOURCED", "2 of MUG-BLUE wait: rejected by LEEDS (not found) and a location (damaged), no other location has it.")
    ]
    wait = WaitFacts(units=MUG, ships_on=date(2026, 9, 25))
    assert told(waits=[wait], rejections=rejected[:1]) == [
        ("BACKORDERED", "1 of MUG-BLUE waits for supply; promised for 25 September; rejected by LEEDS (not found).")
    ]


def test_work_that_stays_in_a_location_that_is_off_says_so() -> None:
    work = ExplainedWork(id=ID, place="LEEDS", status=F.OPEN, since=TODAY, place_is_off=True, units=[MUG])
    ((_, text),) = told(works=[work])
    assert text.endswith(", which takes no new orders; no other location has all of them.")
