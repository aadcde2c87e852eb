"""Reading what an explanation is made of: for any number of orders, which were seen before, with one statement each."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from oms_api.db.relations import Relation, Several, all_for, one_for
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import IN_USE
from oms_api.domain.channels.states import ReleaseWhen
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.inventory.promised_days import SupplyKind
from oms_api.domain.orders.states import LineKind, OrderStatus
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.queries import balances_by_order
from oms_api.domain.payments.states import RefundStatus
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, LineId, OrderId
from oms_api.kernel.sentences import money_text
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

Load = Callable[[Relation[Any, Any], Any], Awaitable[Any]]

policies: Relation[OrderId, Any] = one_for("order_id")(
    Sql("""
SELECT orders.id AS order_id, channel.time_zone, channel.release_when, channel.cancel_unpaid
FROM orders JOIN channel ON channel.id = orders.channel_id
WHERE orders.id = ANY (:order_id::uuid[])
""")
)
lines: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT order_id, id, coalesce(sku_code, name) AS name, kind, ordered, canceled, unsourced, backordered, allocated,
       in_fulfillment, shipped, delivered, lost, returned_to_sender, returned
FROM order_line WHERE order_id = ANY (:order_id::uuid[]) ORDER BY position
""")
)
holds: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT hold.order_id, hold.id, hold.reason, hold.placed_at, hold.placed_by, hold.approval, hold.release_at, hold.note,
       hold.location_id, location.code AS place
FROM order_hold hold LEFT JOIN location ON location.id = hold.location_id
WHERE hold.order_id = ANY (:order_id::uuid[]) AND hold.status = 'ACTIVE' ORDER BY hold.id
""")
)
requests: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT order_id, id, recorded_at, actor, reason FROM order_change
WHERE order_id = ANY (:order_id::uuid[]) AND status = 'REQUESTED' ORDER BY id
""")
)
waits: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT wait.order_id, wait.line_id, coalesce(line.sku_code, line.name) AS name, wait.waiting, wait.ships_on, wait.supply_kind,
       coalesce(bought.id, moved.id) AS document_id, coalesce(bought.number, moved.number) AS number, bought.supplier_id,
       coalesce(bought.location_id, moved.destination_id) AS location_id,
       coalesce(bought_line.expected_at, moved.expected_at) AS expected_at
FROM backorder wait
JOIN order_line line ON line.id = wait.line_id
LEFT JOIN purchase_order_line bought_line ON wait.supply_kind = 'PURCHASE_ORDER' AND bought_line.id = wait.supply_line_id
LEFT JOIN purchase_order bought ON bought.id = bought_line.purchase_order_id
LEFT JOIN transfer_line moved_line ON wait.supply_kind = 'TRANSFER' AND moved_line.id = wait.supply_line_id
LEFT JOIN transfer moved ON moved.id = moved_line.transfer_id
WHERE wait.order_id = ANY (:order_id::uuid[]) AND wait.waiting > 0 ORDER BY wait.id
""")
)
rejections: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT DISTINCT ON (line.order_id, line.id, act.location_id)
       line.order_id, line.id AS line_id, act.location_id, location.code AS place, coalesce(reason.name, act.reason) AS reason
FROM order_line line JOIN fulfillment_rejection_line part ON part.line_id = line.id
JOIN fulfillment_rejection act ON act.id = part.rejection_id AND act.location_id = ANY (line.barred_from)
JOIN location ON location.id = act.location_id
LEFT JOIN order_reason reason ON reason.use = 'REJECT' AND reason.code = act.reason
WHERE line.order_id = ANY (:order_id::uuid[]) AND line.barred_from IS NOT NULL
ORDER BY line.order_id, line.id, act.location_id, act.id DESC
""")
)
works: Several[OrderId, Any] = all_for("order_id")(
    Sql(f"""
SELECT work.order_id, work.id, work.location_id, location.code AS place, work.status, work.created_at, work.opens_on,
       NOT ({IN_USE}) AS place_is_off,
       (SELECT pickup.collect_by FROM pickup
        WHERE pickup.fulfillment_order_id = work.id AND pickup.status = 'READY') AS collect_by,
       (SELECT asked.status FROM fulfillment_request asked WHERE asked.fulfillment_order_id = work.id) AS asked,
       (SELECT json_agg(json_build_array(line.id, coalesce(line.sku_code, line.name),
                                         part.quantity - part.shipped - part.canceled) ORDER BY line.position)
        FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id
        WHERE part.fulfillment_order_id = work.id AND part.quantity > part.shipped + part.canceled) AS units
FROM fulfillment_order work JOIN location ON location.id = work.location_id
WHERE work.order_id = ANY (:order_id::uuid[]) AND work.status <> 'CLOSED' ORDER BY work.id
""")  # noqa: S608 - made of constants
)
parcels: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT shipment.order_id, shipment.id, shipment.location_id, shipment.shipped_at, package.status, package.lost_at,
       nullif(concat_ws(' ', package.carrier, package.tracking_number), '') AS tracking,
       (SELECT json_agg(json_build_array(line.id, coalesce(line.sku_code, line.name), part.quantity) ORDER BY line.position)
        FROM package_line part JOIN order_line line ON line.id = part.line_id WHERE part.package_id = package.id) AS units
FROM shipment JOIN package ON package.shipment_id = shipment.id
WHERE shipment.order_id = ANY (:order_id::uuid[]) AND package.status IN ('SHIPPED', 'LOST') ORDER BY package.id
""")
)
returns: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT order_id, id, number, status, created_at FROM returns
WHERE order_id = ANY (:order_id::uuid[]) AND status IN ('REQUESTED', 'APPROVED', 'IN_TRANSIT', 'PARTIALLY_RECEIVED')
ORDER BY created_at, id
""")
)
refunds: Several[OrderId, Any] = all_for("order_id")(
    Sql("""
SELECT order_id, id, status, owed_minor, currency, coalesce(failed_at, requested_at, granted_at) AS since FROM refund
WHERE order_id = ANY (:order_id::uuid[]) AND status IN ('GRANTED', 'REQUESTED', 'FAILED') ORDER BY granted_at, id
""")
)
ALWAYS, OPEN = (policies, lines, balances_by_order), (holds, requests, waits, rejections, works, parcels, returns, refunds)
"""What matters of every order, and what only while it is open."""
RELATIONS: tuple[Relation[Any, Any], ...] = (*ALWAYS, *OPEN)
SUPPLIES = {
    SupplyKind.PURCHASE_ORDER: (IdKind.PURCHASE_ORDER, "purchase order", Scope.PURCHASING_READ),
    SupplyKind.TRANSFER: (IdKind.TRANSFER, "transfer", Scope.INVENTORY_READ),
}


async def facts_of(load: Load, principal: Principal, order: OrderRow, now: datetime) -> ExplainedOrder:
    """Return what explains *order* to *principal*, who sees it; *load* finds what belongs to its id, all at once."""
    asked = RELATIONS if order.status is OrderStatus.OPEN else ALWAYS
    policy, its_lines, balance, *parts = await gather(*(load(relation, order.id) for relation in asked))
    held, asked_for, waiting, refused, working, sent, back, owed = parts or [()] * len(OPEN)
    outstanding = balance.outstanding(order.due_minor)
    paid = principal.may(Scope.PAYMENTS_READ)
    return ExplainedOrder(
        status=order.status,
        now=now,
        zone=policy.time_zone,
        outstanding=money_text(outstanding, order.currency) if outstanding else None,
        ended_at=order.canceled_at if order.status is OrderStatus.CANCELED else order.completed_at,
        cancel_reason=order.cancel_reason,
        gate=_gate(order, balance, policy) if order.awaits_payment else None,
        ships_complete=order.ship_complete,
        lines=[_line(row) for row in its_lines],
        holds=[_hold(row, principal) for row in held],
        requests=[ExplainedRequest(id=row.id, since=row.recorded_at, by=row.actor, reason=row.reason) for row in asked_for],
        waits=[_wait(row, principal) for row in waiting],
        rejections=[_rejection(row, principal) for row in refused],
        works=[_work(row, principal) for row in working],
        parcels=[_parcel(row, principal) for row in sent],
        returns=[_return(row) for row in back],
        refunds=[_refund(row, paid=paid) for row in owed],
    )


def _gate(order: OrderRow, balance: Balance, policy: Any) -> GateFacts:  # noqa: ANN401 - a row of our own statement
    paid = policy.release_when == ReleaseWhen.PAID
    missing = max(balance.outstanding(order.due_minor) - (0 if paid else balance.authorized), 0)
    amount = money_text(missing, order.currency)
    return GateFacts(amount=amount, paid=paid, pay_by=order.pay_by, canceled_then=policy.cancel_unpaid)


def _line(row: Any) -> LineFacts:  # noqa: ANN401 - a row of our own statement
    quantities = {name: getattr(row, name) for name in LineFacts.__dataclass_fields__ if name not in {"id", "name", "kind"}}
    return LineFacts(id=row.id, name=row.name, kind=LineKind(row.kind), **quantities)


def _hold(row: Any, principal: Principal) -> HoldFacts:  # noqa: ANN401
    seen = row.location_id is not None and principal.sees_location(row.location_id)
    return HoldFacts(
        id=row.id,
        reason=row.reason,
        since=row.placed_at,
        by=row.placed_by,
        approval=row.approval,
        release_at=row.release_at,
        of_work=row.location_id is not None,
        place=row.place if seen else None,
        note=row.note,
    )


def _wait(row: Any, principal: Principal) -> WaitFacts:  # noqa: ANN401
    units = UnitsOf(line_id=row.line_id, name=row.name, units=row.waiting)
    known = SUPPLIES.get(SupplyKind(row.supply_kind)) if row.supply_kind and row.document_id else None
    expected = {"expected_at": row.expected_at, "ships_on": row.ships_on}
    if known is None:
        return WaitFacts(units=units, **expected)
    kind, name, scope = known
    seen = (
        principal.may(scope)
        and principal.sees_location(row.location_id)
        and (row.supplier_id is None or principal.sees_supplier(row.supplier_id))
    )
    return WaitFacts(
        units=units,
        supply=f"{name} {row.number}" if seen else "a delivery",
        document=(kind, row.document_id) if seen else None,
        **expected,
    )


def _rejection(row: Any, principal: Principal) -> RejectedFacts:  # noqa: ANN401
    place = row.place if principal.sees_location(row.location_id) else None
    return RejectedFacts(line_id=row.line_id, reason=row.reason, place=place)


def _work(row: Any, principal: Principal) -> ExplainedWork:  # noqa: ANN401
    return ExplainedWork(
        id=row.id,
        place=row.place if principal.sees_location(row.location_id) else None,
        status=FulfillmentOrderStatus(row.status),
        since=row.created_at,
        opens_on=row.opens_on,
        place_is_off=row.place_is_off,
        collect_by=row.collect_by,
        asked=None if row.asked is None else FulfillmentRequestStatus(row.asked),
        units=_units(row.units),
    )


def _parcel(row: Any, principal: Principal) -> ParcelFacts:  # noqa: ANN401
    return ParcelFacts(
        shipment_id=row.id,
        lost=row.status == "LOST",
        since=row.lost_at or row.shipped_at,
        tracking=row.tracking if principal.sees_location(row.location_id) else None,
        units=_units(row.units),
    )


def _return(row: Any) -> ReturnFacts:  # noqa: ANN401
    return ReturnFacts(id=row.id, number=row.number, status=ReturnOrderStatus(row.status), since=row.created_at)


def _refund(row: Any, *, paid: bool) -> RefundFacts:  # noqa: ANN401
    amount = money_text(row.owed_minor, row.currency) if paid else None
    return RefundFacts(id=row.id, status=RefundStatus(row.status), since=row.since, amount=amount)


def _units(found: Iterable[Any] | None) -> list[UnitsOf]:
    return [UnitsOf(line_id=LineId(UUID(key)), name=name, units=units) for key, name, units in found or ()]
