import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import select, update

from oms_api.db.outbox import StagedEvent
from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.deactivate_sku import DeactivateSku, deactivate_sku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.domain.purchasing.commands.confirm import LineToConfirm
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier, upsert_supplier
from oms_api.domain.purchasing.given import SupplierChanges, UnitCost
from oms_api.domain.purchasing.incoming import incoming_units
from oms_api.domain.purchasing.ordering import LineToOrder
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket, RejectReason
from oms_api.domain.purchasing.tables import SupplierSkuRow
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import IdempotencyKeyReused, OmsError
from oms_api.kernel.ids import IdKind, PurchaseOrderId, SkuId, new_uuid, text_id
from tests.factories.asking import counted_statements
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer, came, line
from tests.factories.raw import raw
from tests.factories.trading import findings

S = PurchaseOrderStatus
DAY = timedelta(days=1)


@pytest.fixture
async def buyer(work: UnitOfWork) -> Buyer:
    return await Buyer.open(work)


async def refused(call: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await call
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def told(work: UnitOfWork, subject: UUID) -> Sequence[StagedEvent]:
    async with work.reads(SYSTEM) as read:
        return await read.all(raw(select(StagedEvent).where(StagedEvent.subject_id == subject).order_by(StagedEvent.stage)))


async def movements(work: UnitOfWork, causes: Sequence[UUID]) -> list[tuple[str, str, str, int]]:
    table = StockMovementRow
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(table).where(table.cause_id.in_(causes)).order_by(table.id)))
    return [(row.kind, row.source, row.target, row.quantity) for row in rows]


async def test_goods_are_ordered_confirmed_received_in_parts_and_closed(buyer: Buyer, work: UnitOfWork) -> None:
    cup, plate = await buyer.supplied(), await buyer.supplied(code="P-7")
    draft = (await buyer.write(line(cup, 10), line(plate, 4, unit_cost=UnitCost(Decimal("0.333333"))), note="soon")).value
    assert (draft.status, draft.currency, draft.total_minor, draft.number > 1000) == (S.DRAFT, "GBP", 2500 + 133, True)
    assert await buyer.incoming(cup) == 0
    order = (await buyer.submit(draft.id)).value
    assert (order.status, order.ordered_at is not None, order.version) == (S.ORDERED, True, 2)
    assert (await buyer.incoming(cup), await buyer.incoming(plate)) == (10, 4)
    cups, plates = await buyer.lines(order.id)
    assert (plates.supplier_code, plates.unit_cost, plates.total_minor) == ("P-7", Decimal("0.333333"), 133)
    order = (await buyer.confirm(order.id, LineToConfirm(line_id=cups.id, quantity=8), supplier_ref="SO-1")).value
    assert (order.status, order.supplier_ref) == (S.CONFIRMED, "SO-1")
    assert (await buyer.incoming(cup), await buyer.incoming(plate)) == (8, 4)
    order = (await buyer.receive(order.id, came(cups.id, 5), came(plates.id, 1, bucket=ReceiptBucket.QUALITY_CONTROL))).value
    assert (order.status, order.received_at) == (S.PARTIALLY_RECEIVED, None)
    assert (await buyer.incoming(cup), await buyer.incoming(plate)) == (3, 3)
    level = await Given(work).level(cup.id, buyer.location.id)
    assert (level.free, level.on_hand) == (5, 5)
    order = (await buyer.receive(order.id)).value
    assert (order.status, order.received_at is not None, await buyer.incoming(cup)) == (S.RECEIVED, True, 0)
    order = (await buyer.close(order.id, note="fine")).value
    assert (order.status, order.close_note, order.closed_at is not None, order.version) == (S.CLOSED, "fine", True, 6)
    level = await Given(work).level(plate.id, buyer.location.id)
    assert (level.free, level.quality_control, level.on_hand) == (3, 1, 4)
    causes = [each.id for each in await buyer.receipt_lines(order.id)]
    assert await movements(work, causes) == [
        ("RECEIVE", "supplier", "free", 5),
        ("RECEIVE", "supplier", "quality_control", 1),
        ("RECEIVE", "supplier", "free", 3),
        ("RECEIVE", "supplier", "free", 3),
    ]
    assert [event.type for event in await told(work, order.id)] == [
        "PURCHASE_ORDER_CREATED", "PURCHASE_ORDER_SUBMITTED", "PURCHASE_ORDER_CONFIRMED", "PURCHASE_ORDER_RECEIVED",
        "PURCHASE_ORDER_RECEIVED", "PURCHASE_ORDER_CLOSED",
    ]  # fmt: skip
    assert await findings(work) == []


async def test_a_level_shows_what_is_ordered_for_it_where_there_never_was_any(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    order = (await buyer.write(line(cup, 40))).value
    assert await Given(work).level(cup.id, buyer.location.id) is None
    await buyer.submit(order.id)
    assert (await Given(work).level(cup.id, buyer.location.id)).on_hand == 0
    assert await buyer.incoming(cup) == 40


async def test_rejected_units_move_no_stock_and_are_not_waited_for(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    order = await buyer.order(line(cup, 10))
    (cups,) = await buyer.lines(order.id)
    order = (await buyer.receive(order.id, came(cups.id, 0, 4, reject_reason=RejectReason.DAMAGED, note="wet"))).value
    (cups,) = await buyer.lines(order.id)
    assert (order.status, cups.accepted, cups.rejected, cups.open) == (S.PARTIALLY_RECEIVED, 0, 4, 6)
    assert (await Given(work).level(cup.id, buyer.location.id)).on_hand == 0
    (receipt_line,) = await buyer.receipt_lines(order.id)
    assert (receipt_line.level_id, receipt_line.reject_reason, receipt_line.note) == (None, RejectReason.DAMAGED, "wet")
    assert await movements(work, [receipt_line.id]) == []
    order = (await buyer.receive(order.id)).value
    assert order.status is S.RECEIVED
    order = (await buyer.receive(order.id, came(cups.id, 4))).value  # the damaged ones replaced
    assert order.status is S.RECEIVED
    assert (await Given(work).level(cup.id, buyer.location.id)).free == 10
    assert await findings(work) == []


async def test_what_comes_in_place_of_rejected_units_is_incoming_again(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    order = await buyer.order(line(cup, 10))
    (cups,) = await buyer.lines(order.id)
    wet = came(cups.id, 6, 4, reject_reason=RejectReason.DAMAGED, replaced=True)
    order = (await buyer.receive(order.id, wet)).value
    (cups,) = await buyer.lines(order.id)
    assert (order.status, cups.rejected, cups.replaced, cups.open) == (S.PARTIALLY_RECEIVED, 0, 4, 4)
    assert await buyer.incoming(cup) == 4
    await buyer.receive(order.id, came(cups.id, 0, 1, reject_reason=RejectReason.DAMAGED))
    assert await buyer.incoming(cup) == 3
    order = (await buyer.receive(order.id)).value
    assert (order.status, await buyer.incoming(cup)) == (S.RECEIVED, 0)
    assert (await Given(work).level(cup.id, buyer.location.id)).free == 9
    nothing = came(cups.id, 1, replaced=True)
    assert await refused(buyer.receive(order.id, nothing)) == [("INVALID_VALUE", "lines.0.replaced")]
    assert await findings(work) == []


async def test_more_than_was_ordered_is_accepted_within_the_tolerance_only(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied(over_receipt_percent=Decimal("7.5"))
    order = await buyer.order(line(cup, 30))  # 7.5 % are 2.25 units
    (cups,) = await buyer.lines(order.id)
    assert await refused(buyer.receive(order.id, came(cups.id, 33))) == [("OVER_RECEIPT", "lines.0.accepted")]
    two = came(cups.id, 31), came(cups.id, 2, bucket=ReceiptBucket.QUALITY_CONTROL)
    assert await refused(buyer.receive(order.id, *two)) == [("OVER_RECEIPT", "lines.1.accepted")]
    assert (await buyer.now(order.id)).version == 2
    order = (await buyer.receive(order.id, came(cups.id, 32, 5, reject_reason=RejectReason.TOO_MANY))).value
    assert order.status is S.RECEIVED
    assert await refused(buyer.receive(order.id, came(cups.id, 1))) == [("OVER_RECEIPT", "lines.0.accepted")]
    assert await refused(buyer.receive(order.id)) == [("NOTHING_INCOMING", "purchaseOrderId")]
    (cups,) = await buyer.lines(order.id)
    assert (cups.accepted, cups.rejected, cups.open) == (32, 5, 0)
    assert await findings(work) == []


async def test_a_purchase_order_is_closed_short(buyer: Buyer, work: UnitOfWork) -> None:
    cup, plate = await buyer.supplied(), await buyer.supplied()
    order = await buyer.order(line(cup, 10), line(plate, 3))
    cups, plates = await buyer.lines(order.id)
    assert await refused(buyer.close(order.id)) == [("ILLEGAL_MOVE", "purchaseOrderId")]
    await buyer.receive(order.id, came(cups.id, 4))
    assert await refused(buyer.cancel(order.id)) == [("ILLEGAL_MOVE", "purchaseOrderId")]
    order = (await buyer.close(order.id)).value
    assert (order.status, order.received_at is not None) == (S.CLOSED, True)
    assert [(each.called_off, each.open) for each in await buyer.lines(order.id)] == [(6, 0), (3, 0)]
    assert (await buyer.incoming(cup), await buyer.incoming(plate)) == (0, 0)
    *_, closed = await told(work, order.id)
    assert closed.changes == {
        "status": ["PARTIALLY_RECEIVED", "CLOSED"],
        f"lines.{text_id(IdKind.PURCHASE_ORDER_LINE, cups.id)}.calledOff": [0, 6],
        f"lines.{text_id(IdKind.PURCHASE_ORDER_LINE, plates.id)}.calledOff": [0, 3],
    }
    for act in (buyer.submit, buyer.confirm, buyer.receive, buyer.close, buyer.cancel):
        assert await refused(act(order.id)) == [("ILLEGAL_MOVE", "purchaseOrderId")]
    assert await findings(work) == []


@pytest.mark.parametrize("stage", ["draft", "ordered", "confirmed"])
async def test_before_goods_come_a_purchase_order_can_be_canceled(buyer: Buyer, work: UnitOfWork, stage: str) -> None:
    cup = await buyer.supplied()
    order = (await buyer.write(line(cup, 10))).value
    if stage != "draft":
        await buyer.submit(order.id)
    if stage == "confirmed":
        await buyer.confirm(order.id)
    order = (await buyer.cancel(order.id, note="too dear")).value
    assert (order.status, order.closed_at is not None, await buyer.incoming(cup)) == (S.CANCELED, True, 0)
    assert [each.called_off for each in await buyer.lines(order.id)] == [10]
    assert await refused(buyer.receive(order.id)) == [("ILLEGAL_MOVE", "purchaseOrderId")]
    assert (await told(work, order.id))[-1].type == "PURCHASE_ORDER_CANCELED"
    assert await findings(work) == []


async def test_expected_dates_come_from_lead_times_and_their_moves_are_told(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work, lead_time_mean_days=Decimal(14))
    usual, fast, known = (
        await buyer.supplied(),
        await buyer.supplied(lead_time_mean_days=Decimal("1.5")),
        await buyer.supplied(),
    )
    day = datetime(2030, 5, 1, tzinfo=UTC)
    order = await buyer.order(line(usual), line(fast), line(known, expected_at=day))
    assert order.ordered_at is not None
    lines = await buyer.lines(order.id)
    assert [each.expected_at for each in lines] == [order.ordered_at + 14 * DAY, order.ordered_at + 1.5 * DAY, day]
    first, *_ = lines
    field = f"lines.{text_id(IdKind.PURCHASE_ORDER_LINE, first.id)}.expectedAt"
    was = first.expected_at.isoformat().replace("+00:00", "Z") if first.expected_at else None
    submitted = (await told(work, order.id))[-1]
    assert submitted.changes is not None
    assert submitted.changes[field] == [None, was]
    await buyer.confirm(order.id, LineToConfirm(line_id=first.id, expected_at=day))
    confirmed, changed = (await told(work, order.id))[-2:]
    assert (confirmed.type, changed.type) == ("PURCHASE_ORDER_CONFIRMED", "PURCHASE_ORDER_CHANGED")
    assert changed.changes == {field: [was, "2030-05-01T00:00:00Z"]}
    assert changed.location_ids == [buyer.location.id]
    later = (await buyer.confirm(order.id, LineToConfirm(line_id=first.id, expected_at=day + DAY))).value
    assert (later.status, later.version) == (S.CONFIRMED, 4)
    assert (await told(work, order.id))[-1].changes == {field: ["2030-05-01T00:00:00Z", "2030-05-02T00:00:00Z"]}
    same = (await buyer.confirm(order.id, LineToConfirm(line_id=first.id, expected_at=day + DAY))).value
    assert (same.version, len(await told(work, order.id))) == (4, 5)


async def test_a_later_confirmation_lowers_what_is_expected_to_what_came(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    order = await buyer.order(line(cup, 10))
    (cups,) = await buyer.lines(order.id)
    await buyer.receive(order.id, came(cups.id, 4))
    assert await refused(buyer.confirm(order.id, LineToConfirm(line_id=cups.id, quantity=3))) == [
        ("BELOW_DELIVERED", "lines.0.quantity")
    ]
    order = (await buyer.confirm(order.id, LineToConfirm(line_id=cups.id, quantity=4))).value
    assert (order.status, order.received_at is not None, await buyer.incoming(cup)) == (S.RECEIVED, True, 0)
    assert await refused(buyer.confirm(order.id)) == [("ILLEGAL_MOVE", "purchaseOrderId")]
    assert await findings(work) == []


async def test_a_draft_is_rewritten_as_a_set(buyer: Buyer, work: UnitOfWork) -> None:
    cup, plate = await buyer.supplied(), await buyer.supplied()
    elsewhere = await Given(work).location()
    order = (await buyer.write(line(cup, 10), external_ref=Given.code("PO"))).value
    same = (await buyer.rewrite(order.id, line(cup, 10), changes={"external_ref": order.external_ref})).value
    assert (same.version, len(await told(work, order.id))) == (1, 1)
    order = (await buyer.rewrite(order.id, line(plate, 2), line(cup, 1), changes={"location_id": elsewhere.id})).value
    assert (order.version, order.total_minor, order.location_id) == (2, 750, elsewhere.id)
    assert [(each.sku_id, each.quantity) for each in await buyer.lines(order.id)] == [(plate.id, 2), (cup.id, 1)]
    changed = (await told(work, order.id))[-1]
    assert (changed.type, set(changed.location_ids)) == ("PURCHASE_ORDER_CHANGED", {buyer.location.id, elsewhere.id})
    assert changed.changes is not None
    assert set(changed.changes) == {"location.id", "lines"}
    order = (await buyer.rewrite(order.id, changes={"note": "call first", "external_ref": None})).value
    assert (order.note, order.external_ref, order.version) == ("call first", None, 3)
    await buyer.submit(order.id)
    assert (await buyer.incoming(cup), await buyer.incoming(cup, elsewhere)) == (0, 1)
    assert await refused(buyer.rewrite(order.id, line(cup, 5))) == [("NOT_A_DRAFT", "purchaseOrderId")]
    assert await findings(work) == []


async def test_everything_wrong_with_lines_is_named_and_nothing_is_written(buyer: Buyer, work: UnitOfWork) -> None:
    fine = await buyer.supplied(minimum_quantity=20, pack_size=6)
    foreign, gone, off = await Given(work).sku(), await buyer.supplied(status=Activity.INACTIVE), await buyer.supplied()
    free, dollars = await buyer.supplied(cost=None), await buyer.supplied(cost=UnitCost(Decimal(3), "USD"))
    await work.execute(SYSTEM, deactivate_sku, DeactivateSku(sku_id=off.id))
    wrong = [
        line(fine, 12),
        LineToOrder(sku=SkuRef(code=fine.code), quantity=7),
        LineToOrder(sku=SkuRef(code="no such thing"), quantity=1),
        LineToOrder(sku=SkuRef(id=SkuId(new_uuid())), quantity=1),
        line(foreign),
        line(gone),
        line(off),
        line(free),
        line(dollars),
        line(free, 0, unit_cost=UnitCost(Decimal(-1))),
        line(free, unit_cost=UnitCost(Decimal("0.0000001"))),
        line(free, unit_cost=UnitCost(Decimal(1), "USD")),
        line(free, unit_cost=UnitCost(Decimal(1), "XXQ")),
        line(free, 2**31 - 1, unit_cost=UnitCost(Decimal(10) ** 13)),
    ]
    assert await refused(buyer.write(*wrong)) == [
        ("BELOW_MINIMUM", "lines.0.quantity"),
        ("BELOW_MINIMUM", "lines.1.quantity"),
        ("NOT_WHOLE_PACKS", "lines.1.quantity"),
        ("UNKNOWN_SKU", "lines.2.sku.code"),
        ("NOT_FOUND", "lines.3.sku.id"),
        ("NOT_SUPPLIED", "lines.4.sku"),
        ("NOT_SUPPLIED", "lines.5.sku"),
        ("SKU_INACTIVE", "lines.6.sku"),
        ("UNIT_COST_MISSING", "lines.7.unitCost"),
        ("UNIT_COST_MISSING", "lines.8.unitCost"),
        ("INVALID_QUANTITY", "lines.9.quantity"),
        ("INVALID_VALUE", "lines.9.unitCost.amount"),
        ("TOO_MANY_DECIMALS", "lines.10.unitCost.amount"),
        ("MIXED_CURRENCIES", "lines.11.unitCost.currencyCode"),
        ("UNKNOWN_CURRENCY", "lines.12.unitCost.currencyCode"),
        ("AMOUNT_TOO_LARGE", "lines.13.quantity"),
    ]
    dear = UnitCost(Decimal(10) ** 13)
    too_dear = [line(free, 5, unit_cost=dear)] * 2
    assert await refused(buyer.write(*too_dear)) == [("AMOUNT_TOO_LARGE", "lines")]
    lost = [("NOT_FOUND", "locationId"), ("AMOUNT_TOO_LARGE", "lines")]
    assert await refused(buyer.write(*too_dear, location_id=new_uuid())) == lost
    draft = (await buyer.write(line(free, 5, unit_cost=UnitCost(Decimal(1))))).value
    assert await refused(buyer.rewrite(draft.id, *too_dear, changes={"location_id": new_uuid()})) == lost
    assert await refused(buyer.write()) == [("EMPTY_PURCHASE_ORDER", "lines")]
    assert await refused(buyer.write(*[line(free)] * 1001)) == [("TOO_MANY_ITEMS", "lines")]
    for lines in ((12, 12), (24,)):
        order = (await buyer.write(*(line(fine, units) for units in lines))).value
        assert await refused(buyer.rewrite(order.id, line(fine, 7))) == [
            ("BELOW_MINIMUM", "lines.0.quantity"),
            ("NOT_WHOLE_PACKS", "lines.0.quantity"),
        ]
        assert [each.quantity for each in await buyer.lines(order.id)] == list(lines)


async def test_parties_and_references_are_checked(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    assert await refused(buyer.write(line(cup), supplier_id=new_uuid(), location_id=new_uuid())) == [
        ("NOT_FOUND", "supplierId"),
        ("NOT_FOUND", "locationId"),
    ]
    for unknown in ("XXQ", ""):
        assert await refused(buyer.write(line(cup), currency=unknown)) == [("UNKNOWN_CURRENCY", "currencyCode")]
    assert await refused(buyer.write(line(cup), external_ref=" blank", note="x" * 10_001)) == [
        ("INVALID_VALUE", "note"),
        ("INVALID_VALUE", "externalRef"),
    ]
    reference = Given.code("PO")
    order = (await buyer.write(line(cup), external_ref=reference)).value
    assert await refused(buyer.write(line(cup), external_ref=reference)) == [("DUPLICATE_PURCHASE_ORDER_REF", "externalRef")]
    other = (await buyer.write(line(cup))).value
    taken = {"external_ref": reference}
    assert await refused(buyer.rewrite(other.id, changes=taken)) == [("DUPLICATE_PURCHASE_ORDER_REF", "externalRef")]
    assert await refused(buyer.rewrite(other.id, changes={"location_id": None})) == [("INVALID_VALUE", "locationId")]
    assert await refused(buyer.rewrite(other.id, changes={"location_id": new_uuid()})) == [("NOT_FOUND", "locationId")]
    away = UpdateLocation(location_id=buyer.location.id, changes=LocationChanges(status=Activity.INACTIVE))
    await work.execute(SYSTEM, update_location, away)
    said = SupplierChanges(status=Activity.INACTIVE)
    await work.execute(SYSTEM, upsert_supplier, UpsertSupplier(code=buyer.supplier.code, changes=said))
    assert await refused(buyer.write(line(cup))) == [("SUPPLIER_INACTIVE", "supplierId"), ("LOCATION_INACTIVE", "locationId")]
    both = [("SUPPLIER_INACTIVE", "purchaseOrderId"), ("LOCATION_INACTIVE", "purchaseOrderId")]
    assert await refused(buyer.submit(order.id)) == both


async def test_what_a_draft_says_can_still_be_ordered_as_it_is_submitted(buyer: Buyer, work: UnitOfWork) -> None:
    cup, plate, fork = [await buyer.supplied() for _ in range(3)]
    order = (await buyer.write(line(cup, 10), line(plate, 10), line(fork, 10))).value
    await buyer.supply(cup, status=Activity.INACTIVE)
    await buyer.supply(plate, minimum_quantity=50, pack_size=25)
    await work.execute(SYSTEM, deactivate_sku, DeactivateSku(sku_id=fork.id))
    codes = ["NOT_SUPPLIED", "BELOW_MINIMUM", "NOT_WHOLE_PACKS", "SKU_INACTIVE"]
    assert await refused(buyer.submit(order.id)) == [(code, "purchaseOrderId") for code in codes]
    await buyer.rewrite(order.id, line(plate, 50))
    assert (await buyer.submit(order.id)).value.status is PurchaseOrderStatus.ORDERED


async def test_every_mistake_of_a_confirmation_or_receipt_has_its_code_and_place(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    order, other = await buyer.order(line(cup, 10)), await buyer.order(line(cup, 10))
    (cups,), (foreign,) = await buyer.lines(order.id), await buyer.lines(other.id)
    said = (LineToConfirm(line_id=foreign.id), LineToConfirm(line_id=cups.id, quantity=11), LineToConfirm(line_id=cups.id))
    assert await refused(buyer.confirm(order.id, *said)) == [
        ("NOT_FOUND", "lines.0.purchaseOrderLineId"),
        ("CONFIRMED_TOO_MANY", "lines.1.quantity"),
        ("LINE_TWICE", "lines.2.purchaseOrderLineId"),
    ]
    assert await refused(buyer.confirm(order.id, LineToConfirm(line_id=cups.id, quantity=-1))) == [
        ("INVALID_QUANTITY", "lines.0.quantity")
    ]
    assert await refused(buyer.confirm(order.id, supplier_ref=" ")) == [("INVALID_VALUE", "supplierRef")]
    reason = RejectReason.OTHER
    rows = [
        came(foreign.id, 1),
        came(cups.id, -1, bucket=ReceiptBucket.QUALITY_CONTROL),
        came(cups.id, 1),
        came(cups.id, 1),
    ]
    assert await refused(buyer.receive(order.id, *rows)) == [
        ("NOT_FOUND", "lines.0.purchaseOrderLineId"),
        ("INVALID_QUANTITY", "lines.1.accepted"),
        ("LINE_TWICE", "lines.3.purchaseOrderLineId"),
    ]
    for row, wrong in (
        (came(cups.id, 0), ("INVALID_QUANTITY", "lines.0.accepted")),
        (came(cups.id, 1, -1), ("INVALID_QUANTITY", "lines.0.rejected")),
        (came(cups.id, 1, 1), ("REJECT_REASON_MISSING", "lines.0.rejectReason")),
        (came(cups.id, 1, reject_reason=reason), ("INVALID_VALUE", "lines.0.rejectReason")),
        (came(cups.id, 11), ("OVER_RECEIPT", "lines.0.accepted")),
        (came(cups.id, 1, note="x\0"), ("INVALID_VALUE", "lines.0.note")),
    ):
        assert await refused(buyer.receive(order.id, row)) == [wrong]
    await buyer.receive(order.id, came(cups.id, 1, 2**31 - 1, reject_reason=reason))
    again = came(cups.id, 0, 1, reject_reason=reason)
    assert await refused(buyer.receive(order.id, again)) == [("INVALID_QUANTITY", "lines.0.rejected")]
    assert await refused(buyer.receive(order.id, note="\0")) == [("INVALID_VALUE", "note")]
    assert await refused(buyer.receive(PurchaseOrderId(new_uuid()))) == [("NOT_FOUND", "purchaseOrderId")]
    assert len(await told(work, order.id)) == 3


async def test_a_full_level_takes_nothing_more(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied(cost=UnitCost(Decimal(0)))
    order = await buyer.order(line(cup, 2**31 - 1), line(cup, 5))
    most, five = await buyer.lines(order.id)
    assert await refused(buyer.receive(order.id)) == [("TOO_MUCH_STOCK", "purchaseOrderId")]
    await buyer.receive(order.id, came(five.id, 5))
    assert await refused(buyer.receive(order.id, came(most.id, 2**31 - 5))) == [("TOO_MUCH_STOCK", "lines.0.accepted")]
    assert (await Given(work).level(cup.id, buyer.location.id)).on_hand == 5
    assert await buyer.incoming(cup) == 2**31 - 1


async def test_versions_keys_and_moments_are_kept(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()
    monday = datetime(2010, 3, 1, tzinfo=UTC)
    order = (await buyer.write(line(cup, 10), occurred_at=monday, key="write it")).value
    again = await buyer.write(line(cup, 10), occurred_at=monday, key="write it")
    assert (again.replayed, again.value.id, order.created_at) == (True, order.id, monday)
    with pytest.raises(IdempotencyKeyReused):
        await buyer.write(line(cup, 11), occurred_at=monday, key="write it")
    for act in (buyer.rewrite, buyer.submit, buyer.cancel):
        assert await refused(act(order.id, expected_version=2)) == [("VERSION_CONFLICT", "expectedVersion")]
    early = {"occurred_at": monday - DAY}
    assert await refused(buyer.submit(order.id, **early)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    await buyer.submit(order.id, occurred_at=monday + DAY, expected_version=1)
    for act in (buyer.confirm, buyer.receive, buyer.cancel):
        assert await refused(act(order.id, occurred_at=monday)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
        assert await refused(act(order.id, expected_version=1)) == [("VERSION_CONFLICT", "expectedVersion")]
        future = datetime.now(UTC) + DAY
        assert await refused(act(order.id, occurred_at=future)) == [("INVALID_VALUE", "occurredAt")]
    (cups,) = await buyer.lines(order.id)
    took = [await buyer.receive(order.id, came(cups.id, 4), occurred_at=monday + 2 * DAY, key="four") for _ in range(2)]
    assert [done.replayed for done in took] == [False, True]
    assert (await Given(work).level(cup.id, buyer.location.id)).on_hand == 4
    await buyer.receive(order.id, occurred_at=monday + DAY)
    assert await refused(buyer.close(order.id, occurred_at=monday + DAY)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    assert (await buyer.now(order.id)).received_at == monday + 2 * DAY
    plain = replace(buyer, principal=replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT}))
    assert await refused(plain.close(order.id, occurred_at=monday + 3 * DAY)) == [("MISSING_SCOPE", "occurredAt")]
    assert await findings(work) == []


async def test_a_caller_limited_to_others_finds_nothing_and_changes_nothing(buyer: Buyer) -> None:
    cup = await buyer.supplied()
    order = await buyer.order(line(cup, 10))
    nobody: frozenset[Any] = frozenset({new_uuid()})
    for limits in ({"suppliers": nobody}, {"locations": nobody}):
        other = replace(buyer, principal=replace(SYSTEM, **limits))  # type: ignore[arg-type]
        for act in (other.rewrite, other.submit, other.confirm, other.receive, other.close, other.cancel):
            assert await refused(act(order.id)) == [("NOT_FOUND", "purchaseOrderId")]
        (wrong,) = await refused(other.write(line(cup)))
        assert wrong == ("NOT_FOUND", "supplierId" if "suppliers" in limits else "locationId")
    elsewhere = replace(buyer, principal=replace(SYSTEM, suppliers=nobody))
    assert await refused(elsewhere.supply(cup, pack_size=3)) == [("NOT_FOUND", "supplierId")]
    code = UpsertSupplier(code=buyer.supplier.code, changes=SupplierChanges(name="Mine"))
    assert await refused(buyer.work.execute(elsewhere.principal, upsert_supplier, code)) == [("LIMITED_KEY", "")]
    assert (await buyer.now(order.id)).version == 2
    mine = replace(SYSTEM, suppliers=frozenset({buyer.supplier.id}), locations=frozenset({buyer.location.id}))
    assert (await replace(buyer, principal=mine).receive(order.id)).value.status is S.RECEIVED


async def test_only_goods_are_supplied(buyer: Buyer, work: UnitOfWork) -> None:
    service = await Given(work).sku(kind=SkuKind.SERVICE)
    assert await refused(buyer.supply(service)) == [("NOT_STOCKED", "sku")]


async def test_the_preference_moves_from_one_supplier_to_another_and_both_are_told(buyer: Buyer, work: UnitOfWork) -> None:
    other, cup = await Buyer.open(work), await buyer.supplied(preferred=True)
    await other.supplied(cup)
    then = await other.supply(cup, preferred=True)
    now = await buyer.supply(cup)
    assert (then.preferred, now.preferred, now.version) == (True, False, 2)
    for each in (then, now):
        assert (await told(work, each.id))[-1].changes == {"preferred": [not each.preferred, each.preferred]}
    assert (await other.supply(cup, preferred=False)).preferred is False


async def test_the_database_knows_one_preferred_supplier(buyer: Buyer, work: UnitOfWork) -> None:
    other, cup = await Buyer.open(work), await buyer.supplied(preferred=True)
    mine = (SupplierSkuRow.sku_id == cup.id, SupplierSkuRow.supplier_id == other.supplier.id)
    await other.supplied(cup)

    async def prefer(tx: Tx, _: None) -> None:
        await tx.ask(raw(update(SupplierSkuRow).where(*mine).values(preferred=True)))

    with pytest.raises(UniqueViolation, match="uq_supplier_sku_preferred"):
        await work.execute(SYSTEM, prefer, None)


async def test_a_key_limited_to_some_suppliers_prefers_none_of_them(buyer: Buyer, work: UnitOfWork) -> None:
    other, cup = await Buyer.open(work), await buyer.supplied(preferred=True)
    await other.supplied(cup)
    limited = replace(other, principal=replace(SYSTEM, suppliers=frozenset({other.supplier.id})))
    assert await refused(limited.supply(cup, preferred=True)) == [("LIMITED_KEY", "preferred")]
    assert await refused(buyer.supply(cup, preferred=None)) == [("INVALID_VALUE", "preferred")]
    assert (await buyer.supply(cup)).preferred is True


async def test_what_is_on_its_way_is_told_whole_to_whoever_asks(buyer: Buyer, work: UnitOfWork) -> None:
    cup, other = await buyer.supplied(), await buyer.supplied()
    day = datetime(2030, 1, 1, tzinfo=UTC)
    for units, at in ((1, day + DAY), (2, day), (3, None)):
        await buyer.order(line(cup, units, expected_at=at))
    await buyer.write(line(cup, 50))
    elsewhere = replace(buyer, location=await Given(work).location())
    await elsewhere.order(line(cup, 4, expected_at=day))
    async with work.reads(replace(SYSTEM, suppliers=frozenset())) as read:
        levels = [(sku.id, place.location.id) for sku in (cup, other) for place in (buyer, elsewhere)]
        assert await incoming_units(read, levels) == {(cup.id, buyer.location.id): 6, (cup.id, elsewhere.location.id): 4}


async def test_statements_do_not_grow_with_lines(buyer: Buyer) -> None:
    skus = [await buyer.supplied() for _ in range(12)]
    counts = []
    for part in (skus[:1], skus):
        with counted_statements() as sent:
            order = (await buyer.write(*map(line, part))).value
            await buyer.rewrite(order.id, *(line(sku, 20) for sku in part))
            await buyer.submit(order.id)
            await buyer.confirm(order.id)
            await buyer.receive(order.id)
            await buyer.close(order.id)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_two_receipts_at_once_never_pass_the_tolerance(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied(over_receipt_percent=Decimal(10))
    order = await buyer.order(line(cup, 20))
    (cups,) = await buyer.lines(order.id)

    async def take(units: int) -> str:
        try:
            await buyer.receive(order.id, came(cups.id, units))
        except OmsError as error:
            return error.causes[0].code
        return "done"

    outcomes = await asyncio.gather(*(take(3) for _ in range(12)))
    assert sorted(outcomes) == ["OVER_RECEIPT"] * 5 + ["done"] * 7
    (cups,) = await buyer.lines(order.id)
    assert (cups.accepted, (await Given(work).level(cup.id, buyer.location.id)).on_hand) == (21, 21)
    assert await findings(work) == []


async def test_receiving_closing_and_canceling_race_and_the_books_hold(buyer: Buyer, work: UnitOfWork) -> None:
    cup = await buyer.supplied()

    async def attempt(call: Any) -> str:
        try:
            await call
        except OmsError as error:
            return error.causes[0].code
        return "done"

    for _ in range(5):
        order = await buyer.order(line(cup, 6))
        (cups,) = await buyer.lines(order.id)
        acts = [
            buyer.receive(order.id, came(cups.id, 2)),
            buyer.cancel(order.id),
            buyer.receive(order.id),
            buyer.close(order.id),
        ]
        outcomes = await asyncio.gather(*(attempt(act) for act in [*acts, buyer.confirm(order.id)]))
        assert "done" in outcomes
        assert set(outcomes) <= {"done", "ILLEGAL_MOVE", "OVER_RECEIPT", "NOTHING_INCOMING"}
    assert await findings(work) == []


async def test_the_same_reference_at_once_is_taken_once(buyer: Buyer) -> None:
    cup = await buyer.supplied()
    reference = Given.code("PO")

    async def write() -> str:
        try:
            await buyer.write(line(cup), external_ref=reference)
        except OmsError as error:
            return error.causes[0].code
        return "done"

    outcomes = await asyncio.gather(*(write() for _ in range(6)))
    assert sorted(outcomes) == ["DUPLICATE_PURCHASE_ORDER_REF"] * 5 + ["done"]
