"""What is open of a line, how far that makes a purchase order, and what may be ordered and accepted."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.lots.given import Lots
from oms_api.domain.purchasing.document import Line, PurchaseOrderDocument
from oms_api.domain.purchasing.errors import DropshipOrder
from oms_api.domain.purchasing.given import SupplierChanges, SupplierSkuChanges, UnitCost, check_changes
from oms_api.domain.purchasing.ordering import LineToOrder, SuppliedSku, decide_lines
from oms_api.domain.purchasing.receiving import LineReceived, decide_receipt
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket, RejectReason
from oms_api.domain.purchasing.tables import PurchaseOrderRow
from oms_api.domain.purchasing.verbs import CANCEL, CLOSE, CONFIRM, LIFE, RECEIVE, SUBMIT, UPDATE, PurchaseFacts
from oms_api.kernel.address import Contact
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import PurchaseOrderId, PurchaseOrderLineId, SkuId

S = PurchaseOrderStatus
ORDER, CUPS = PurchaseOrderId(UUID(int=1)), PurchaseOrderLineId(UUID(int=2))
LATELY = datetime(2026, 11, 1, tzinfo=UTC)


def cups(quantity: int = 10, percent: str = "0", **units: int) -> Line:
    counted = {"confirmed": None, "accepted": 0, "rejected": 0, "replaced": 0, "called_off": 0, **units}
    return Line(
        id=CUPS, sku_id=SkuId(UUID(int=3)), quantity=quantity, over_receipt_percent=Decimal(percent), expected_at=None,
        **counted,  # type: ignore[arg-type]
    )  # fmt: skip


def document(line: Line, status: PurchaseOrderStatus = S.ORDERED) -> PurchaseOrderDocument:
    row = cast("PurchaseOrderRow", SimpleNamespace(id=ORDER, status=status))
    return PurchaseOrderDocument(row, {line.id: line}, RECEIVE)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (cups(), 10),
        (cups(confirmed=7), 7),
        (cups(confirmed=0), 0),
        (cups(accepted=3, rejected=2), 5),
        (cups(confirmed=7, accepted=3, rejected=2), 2),
        (cups(confirmed=7, accepted=3, rejected=2, replaced=1), 2),
        (cups(accepted=11), 0),
        (cups(accepted=3, called_off=7), 0),
    ],
)
def test_open_is_what_was_confirmed_or_ordered_less_what_came_or_was_called_off(line: Line, left: int) -> None:
    assert line.open == left


@pytest.mark.parametrize(
    ("line", "most"),
    [
        (cups(10), 10),
        (cups(10, "10"), 11),
        (cups(10, "19.99"), 11),
        (cups(3, "33.33"), 3),
        (cups(3, "33.34"), 4),
        (cups(10, "100", confirmed=2), 20),
        (cups(2**31 - 1, "100"), 2**31 - 1),
    ],
)
def test_the_tolerance_is_a_part_of_what_was_ordered_in_whole_units(line: Line, most: int) -> None:
    assert line.most == most


def test_how_far_it_is_follows_what_was_delivered() -> None:
    assert document(cups()).progress is S.ORDERED
    assert document(cups(confirmed=0), S.CONFIRMED).progress is S.CONFIRMED
    assert document(cups(rejected=1)).progress is S.PARTIALLY_RECEIVED
    assert document(cups(accepted=9, rejected=1)).progress is S.RECEIVED
    assert document(cups(accepted=12), S.RECEIVED).progress is S.RECEIVED


def test_each_action_is_allowed_where_the_lifecycle_says_so() -> None:
    allowed = {
        UPDATE: {S.DRAFT},
        SUBMIT: {S.DRAFT},
        CONFIRM: {S.ORDERED, S.CONFIRMED, S.PARTIALLY_RECEIVED},
        RECEIVE: {S.ORDERED, S.CONFIRMED, S.PARTIALLY_RECEIVED, S.RECEIVED},
        CLOSE: {S.PARTIALLY_RECEIVED, S.RECEIVED},
        CANCEL: {S.DRAFT, S.ORDERED, S.CONFIRMED},
    }
    assert list(allowed) == list(LIFE.verbs)
    for verb, states in allowed.items():
        assert {status for status in S if LIFE.why_not(verb, status, PurchaseFacts()) is None} == states
        assert {error.field for status in S if (error := LIFE.why_not(verb, status, PurchaseFacts()))} == {("purchaseOrderId",)}


def test_what_a_supplier_sends_to_a_customer_is_neither_confirmed_received_nor_ended_by_hand() -> None:
    for verb, status in ((CONFIRM, S.CONFIRMED), (RECEIVE, S.CONFIRMED), (CLOSE, S.RECEIVED), (CANCEL, S.CONFIRMED)):
        assert isinstance(LIFE.why_not(verb, status, PurchaseFacts(dropship=True)), DropshipOrder)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(ReceiptBucket)), min_size=1, max_size=8))
def test_no_way_to_receive_passes_the_tolerance_and_a_refused_one_counts_nothing(
    rows: list[tuple[int, int, ReceiptBucket]],
) -> None:
    whole = document(cups(10, "20"))
    for accepted, rejected, bucket in rows:
        before = whole.lines[CUPS]
        reason = RejectReason.OTHER if rejected else None
        row = LineReceived(line_id=CUPS, accepted=accepted, rejected=rejected, reject_reason=reason, bucket=bucket)
        try:
            decide_receipt(whole, [row], ReceiptBucket.FREE, Lots({}))
        except Refused as error:
            assert whole.lines[CUPS] == before
            refused = {cause.code for cause in error.causes}
            assert refused == ({"OVER_RECEIPT"} if accepted + rejected else {"INVALID_QUANTITY"})
        else:
            now = whole.lines[CUPS]
            assert (now.accepted, now.rejected) == (before.accepted + accepted, before.rejected + rejected)
    assert whole.lines[CUPS].accepted <= 12


def article(**more: object) -> SuppliedSku:
    known = {
        "sku_id": UUID(int=3), "sku_code": "CUP", "sku_status": "ACTIVE", "status": "ACTIVE", "code": None, "cost": None,
        "currency": None, "minimum_quantity": 1, "pack_size": 1, "over_receipt_percent": Decimal(0),
    }  # fmt: skip
    return SuppliedSku(**{**known, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cost", "units", "currency", "minor"),
    [("0.333333", 3, "GBP", 100), ("0.005", 1, "GBP", 1), ("1.5", 3, "JPY", 5), ("0.0004", 1, "KWD", 0)],
)
def test_a_line_costs_its_units_rounded_once(cost: str, units: int, currency: str, minor: int) -> None:
    cup = SkuRef(code="CUP")
    line = LineToOrder(sku=cup, quantity=units, unit_cost=UnitCost(Decimal(cost)))
    (decided,) = decide_lines({cup: article()}, [line], currency)
    assert (decided.total_minor, decided.unit_cost) == (minor, Decimal(cost))


def test_the_suppliers_cost_is_taken_where_it_is_in_the_currency_of_the_order() -> None:
    cup = SkuRef(code="CUP")
    (decided,) = decide_lines({cup: article(cost=Decimal(2), currency="GBP")}, [LineToOrder(sku=cup, quantity=2)], "GBP")
    assert decided.total_minor == 400
    with pytest.raises(Refused, match="REFUSED") as refused:
        decide_lines({cup: article(cost=Decimal(2), currency="USD")}, [LineToOrder(sku=cup, quantity=2)], "GBP")
    assert [cause.code for cause in refused.value.causes] == ["UNIT_COST_MISSING"]


def test_everything_wrong_with_a_supplier_and_its_skus_is_named() -> None:
    supplier = SupplierChanges(
        name=" ",
        status=None,
        currency="XXQ",
        contact=Contact(name="x" * 2001),
        lead_time_mean_days=Decimal(-1),
        lead_time_deviation_days=Decimal("1.005"),
    )
    with pytest.raises(Refused) as refused:
        check_changes(supplier)
    assert [(cause.code, ".".join(cause.field)) for cause in refused.value.causes] == [
        ("INVALID_VALUE", "status"),
        ("INVALID_VALUE", "name"),
        ("UNKNOWN_CURRENCY", "currencyCode"),
        ("INVALID_VALUE", "leadTimeMeanDays"),
        ("TOO_MANY_DECIMALS", "leadTimeDeviationDays"),
        ("INVALID_VALUE", "contact.name"),
    ]
    sku = SupplierSkuChanges(
        code="",
        cost=UnitCost(Decimal("1.0000001"), "GBP"),
        minimum_quantity=0,
        pack_size=None,
        lead_time_mean_days=Decimal(3651),
        over_receipt_percent=Decimal("100.01"),
    )
    with pytest.raises(Refused) as refused:
        check_changes(sku)
    assert [(cause.code, ".".join(cause.field)) for cause in refused.value.causes] == [
        ("INVALID_VALUE", "packSize"),
        ("INVALID_VALUE", "code"),
        ("TOO_MANY_DECIMALS", "cost.amount"),
        ("INVALID_QUANTITY", "minimumQuantity"),
        ("INVALID_VALUE", "leadTimeMeanDays"),
        ("INVALID_VALUE", "overReceiptPercent"),
    ]
