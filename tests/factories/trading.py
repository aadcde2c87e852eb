"""A shop that trades: orders placed, canceled, shipped and delivered through the domain's own commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

import psycopg
from sqlalchemy import select

from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.states import HandOver, ReleaseWhen
from oms_api.domain.channels.tables import ChannelRow, LocationRow
from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.orders.changes.wanted import Change
from oms_api.domain.orders.given import Amount, LineGiven, PlaceOrder
from oms_api.domain.orders.queries import order_by_id
from oms_api.domain.orders.states import CancelReason, LineKind
from oms_api.domain.orders.tables import OrderLineRow, OrderRow
from oms_api.domain.payments.queries import refunds_by_id
from oms_api.domain.payments.states import PaymentEventType, RefundReason
from oms_api.domain.payments.tables import RefundRow
from oms_api.domain.returns.queries import returns_by_id
from oms_api.domain.returns.receiving import ReturnLineToReceive
from oms_api.domain.returns.states import Disposition, ReturnReason
from oms_api.domain.returns.tables import ReturnRow
from oms_api.domain.shipping.queries import shipment_by_id
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import FulfillmentOrderId, LineId, OrderId, PackageId, RefundId, ReturnId, ShipmentId
from oms_api.workflows import doctor
from oms_api.workflows.cancel_order import CancelOrder, cancel_order, canceled_before
from oms_api.workflows.cancel_shipment import CancelShipment, cancel_shipment
from oms_api.workflows.cancellation import LineToCancel
from oms_api.workflows.change_package import VoidPackage, void_package
from oms_api.workflows.close_return import EndReturn, cancel_return, close_return
from oms_api.workflows.create_return import CreateReturn, LineToReturn, create_return
from oms_api.workflows.deliver_shipment import MarkDelivered, mark_delivered
from oms_api.workflows.edit_order import Edited, EditOrder, edit_order, preview_edit
from oms_api.workflows.mark_package import MarkFound, MarkLost, MarkReturned, mark_found, mark_lost, mark_returned
from oms_api.workflows.pack_work import PackageToPack, PackWork, pack_work
from oms_api.workflows.place_order import place_order
from oms_api.workflows.receive_return import ReceiveReturn, receive_return
from oms_api.workflows.refund import (
    CancelRefund,
    CreateRefund,
    RequestRefund,
    cancel_refund,
    create_refund,
    preview_of_refund,
    request_refund,
)
from oms_api.workflows.report_payment import ReportedPayment, ReportPayment, report_payment, reported_before
from oms_api.workflows.ship_order import CreateShipment, create_shipment
from oms_api.workflows.start_fulfillment import FulfillmentToChange, start_fulfillment
from oms_api.workflows.update_shipment import AddPackage, LineToMove, add_package
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw

PRICE = Amount(value=Decimal("9.99"))


def line(sku: SkuRow | str, quantity: int = 1, **more: Any) -> LineGiven:
    """Return a line for *sku*, at 9.99."""
    code = sku if isinstance(sku, str) else sku.code
    return LineGiven(**{"sku": code, "quantity": quantity, "unit_price": PRICE, **more})


def fee(kind: LineKind = LineKind.FEE) -> LineGiven:
    """Return a line that never ships."""
    return LineGiven(kind=kind, name="Gift wrapping", quantity=1, unit_price=PRICE)


@dataclass
class Shop:
    """A channel with its locations, and what can be done there."""

    work: UnitOfWork
    channel: ChannelRow
    locations: tuple[LocationRow, ...]
    principal: Principal = SYSTEM

    @classmethod
    async def open(cls, work: UnitOfWork, *, locations: int = 1) -> "Shop":
        """Open a shop with *locations*, the first with the highest priority."""
        given = Given(work)
        places = tuple([await given.location() for _ in range(locations)])
        return cls(work, await given.channel(locations=places), places)

    async def hand_over_at_once(self) -> "Shop":
        """Let orders of which nothing ships be completed as they are placed, and return the shop."""
        change = UpdateChannel(channel_id=self.channel.id, changes={"hand_over": HandOver.ACCEPTANCE})
        await self.work.execute(SYSTEM, update_channel, change)
        return self

    async def gated(self, when: ReleaseWhen = ReleaseWhen.AUTHORIZED, **more: Any) -> "Shop":
        """Let orders wait for their payment, and return the shop."""
        changes: Any = {"release_when": when, **more}
        await self.work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=self.channel.id, changes=changes))
        return self

    async def stocked(self, *on_hand: int, at: datetime | None = None) -> SkuRow:
        """Return a new SKU of which each location in turn holds so many units, since *at* or now."""
        given = Given(self.work)
        sku = await given.sku()
        for units, location in zip(on_hand, self.locations, strict=False):
            if units:
                await given.adjust(sku.id, location.id, units, at)
        return sku

    async def place(self, *lines: LineGiven, key: str | None = None, at: datetime | None = None, **more: Any) -> OrderRow:
        """Place an order."""
        key = key or uuid4().hex
        command = PlaceOrder(idempotency_key=key, channel_id=self.channel.id, lines=lines, occurred_at=at, **more)
        placed = await self.work.execute(self.principal, place_order, command)
        return placed.order or await self.order(cast("OrderId", placed.id))

    async def cancel(self, order: OrderId, *lines: tuple[LineId, int], key: str | None = None, **more: Any) -> Done[OrderRow]:
        """Cancel quantities of lines, or without any the whole order."""
        command = CancelOrder(
            idempotency_key=key or uuid4().hex,
            order_id=order,
            lines=tuple(LineToCancel(*each) for each in lines) or None,
            **{"reason": CancelReason.CUSTOMER, **more},
        )
        name, again = "orderCancel", canceled_before
        done = await self.work.once(self.principal, cancel_order, command, key=command.idempotency_key, name=name, again=again)
        return Done(done.value.order, done.replayed)

    async def edit(self, order: OrderId, *changes: Change, **more: Any) -> Edited:
        """Change what was agreed of an order."""
        command = EditOrder(idempotency_key=uuid4().hex, order_id=order, changes=changes, **more)
        return await self.work.execute(self.principal, edit_order, command)

    async def preview(self, order: OrderId, *changes: Change, **more: Any) -> Edited:
        """Return what an edit would come to."""
        return await self.work.execute(self.principal, preview_edit, EditOrder(order_id=order, changes=changes, **more))

    async def ship(
        self, work: FulfillmentOrderId, *lines: tuple[LineId, int], key: str | None = None, **more: Any
    ) -> Done[ShipmentRow]:
        """Ship quantities of the order's lines, or without any all that is left of a fulfillment order."""
        command = CreateShipment(
            idempotency_key=key or uuid4().hex,
            fulfillment_order_id=work,
            lines=tuple(LineToShip(line_id=line_id, quantity=units) for line_id, units in lines) or None,
            **more,
        )
        return await self.work.once(
            self.principal, create_shipment, command, key=command.idempotency_key, name="shipmentCreate", again=shipment_by_id
        )

    async def pack(
        self, work: FulfillmentOrderId, *packages: Sequence[tuple[LineId, int]], **more: Any
    ) -> Sequence[PackageRow]:
        """Pack quantities of the order's lines into packages, or without any all as it is suggested; return those that wait."""
        made = tuple(
            PackageToPack(lines=tuple(LineToShip(line_id=key, quantity=n) for key, n in lines), **more) for lines in packages
        )
        command = PackWork(idempotency_key=uuid4().hex, fulfillment_order_id=work, packages=made or None)
        await self.work.execute(self.principal, pack_work, command)
        return [each for each in await self.packages_of(work) if each.status is PackageStatus.DRAFT]

    async def void(self, package: PackageId) -> PackageRow:
        """Unpack a package."""
        return await self.work.execute(
            self.principal, void_package, VoidPackage(idempotency_key=uuid4().hex, package_id=package)
        )

    async def ship_packages(self, *packages: PackageId, **more: Any) -> ShipmentRow:
        """Let packages leave."""
        command = CreateShipment(idempotency_key=uuid4().hex, package_ids=packages, **more)
        return await self.work.execute(self.principal, create_shipment, command)

    async def start(self, work: FulfillmentOrderId) -> None:
        """Begin to pick a fulfillment order."""
        command = FulfillmentToChange(idempotency_key=uuid4().hex, fulfillment_order_id=work)
        await self.work.execute(self.principal, start_fulfillment, command)

    async def deliver(self, shipment: ShipmentId | None, *, key: str | None = None, **more: Any) -> Done[ShipmentRow]:
        """Mark a shipment as delivered."""
        assert shipment is not None, "the package has not left"
        command = MarkDelivered(idempotency_key=key or uuid4().hex, shipment_id=shipment, **more)
        name, again = "shipmentMarkDelivered", shipment_by_id
        return await self.work.once(
            self.principal, mark_delivered, command, key=command.idempotency_key, name=name, again=again
        )

    async def mark_lost(self, package: PackageId, *, key: str | None = None, **more: Any) -> Done[ShipmentRow]:
        """Mark a package as lost."""
        command = MarkLost(idempotency_key=key or uuid4().hex, package_id=package, **more)
        name, again = "packageMarkLost", shipment_by_id
        return await self.work.once(self.principal, mark_lost, command, key=command.idempotency_key, name=name, again=again)

    async def mark_returned(
        self, package: PackageId, *, location: int | None = None, key: str | None = None, **more: Any
    ) -> Done[ShipmentRow]:
        """Mark a package as back at the location it left, or at another."""
        place = None if location is None else self.locations[location].id
        command = MarkReturned(idempotency_key=key or uuid4().hex, package_id=package, location_id=place, **more)
        name, again = "packageMarkReturned", shipment_by_id
        return await self.work.once(self.principal, mark_returned, command, key=command.idempotency_key, name=name, again=again)

    async def cancel_shipment(self, shipment: ShipmentId | None) -> ShipmentRow:
        """Undo a shipment."""
        assert shipment is not None, "the package has not left"
        command = CancelShipment(idempotency_key=uuid4().hex, shipment_id=shipment)
        return await self.work.execute(self.principal, cancel_shipment, command)

    async def mark_found(self, package: PackageId) -> ShipmentRow:
        """Mark a lost package as found."""
        command = MarkFound(idempotency_key=uuid4().hex, package_id=package)
        return await self.work.execute(self.principal, mark_found, command)

    async def add_package(self, shipment: ShipmentId, *lines: tuple[LineId, int], **more: Any) -> PackageRow:
        """Record a further package of a shipment."""
        moved = tuple(LineToMove(line_id=key, quantity=units) for key, units in lines)
        command = AddPackage(idempotency_key=uuid4().hex, shipment_id=shipment, lines=moved, **more)
        return await self.work.execute(self.principal, add_package, command)

    async def sent(self, *lines: LineGiven, delivered: bool = True, at: datetime | None = None) -> OrderRow:
        """Place an order, ship all of it, and (unless told otherwise) deliver it; at *at*, or now."""
        order = await self.place(*lines, at=at)
        for todo in await self.works(order.id):
            shipment = (await self.ship(todo.id, occurred_at=at)).value
            if delivered:
                await self.deliver(shipment.id, occurred_at=at)
        return await self.order(order.id)

    async def return_(self, order: OrderId, *lines: tuple[LineId, int], key: str | None = None, **more: Any) -> Done[ReturnRow]:
        """Announce that units of lines come back."""
        wanted = tuple(LineToReturn(line_id=line_id, quantity=n, reason=ReturnReason.UNWANTED) for line_id, n in lines)
        command = CreateReturn(**{"idempotency_key": key or uuid4().hex, "order_id": order, "lines": wanted, **more})
        name, again = "returnCreate", returns_by_id.known
        return await self.work.once(self.principal, create_return, command, key=command.idempotency_key, name=name, again=again)

    async def take_back(
        self, back: ReturnId, *lines: tuple[LineId, int, Disposition], location: int = 0, key: str | None = None, **more: Any
    ) -> Done[ReturnRow]:
        """Receive units of the order's lines, or without any all that a return still expects."""
        wanted = tuple(ReturnLineToReceive(line_id=line_id, quantity=n, disposition=each) for line_id, n, each in lines) or None
        command = ReceiveReturn(**{
            "idempotency_key": key or uuid4().hex, "return_id": back, "location_id": self.locations[location].id,
            "lines": wanted, **more,
        })  # fmt: skip
        name, again = "returnReceive", returns_by_id.known
        return await self.work.once(
            self.principal, receive_return, command, key=command.idempotency_key, name=name, again=again
        )

    async def close_return(self, back: ReturnId, *, key: str | None = None, **more: Any) -> Done[ReturnRow]:
        """Expect nothing more of a return."""
        command = EndReturn(idempotency_key=key or uuid4().hex, return_id=back, **more)
        name, again = "returnClose", returns_by_id.known
        return await self.work.once(self.principal, close_return, command, key=command.idempotency_key, name=name, again=again)

    async def cancel_return(self, back: ReturnId, *, key: str | None = None, **more: Any) -> Done[ReturnRow]:
        """Call a return off."""
        command = EndReturn(idempotency_key=key or uuid4().hex, return_id=back, **more)
        name, again = "returnCancel", returns_by_id.known
        return await self.work.once(self.principal, cancel_return, command, key=command.idempotency_key, name=name, again=again)

    async def pay(
        self,
        order: OrderId,
        amount: str | None = None,
        kind: PaymentEventType = PaymentEventType.CAPTURED,
        *,
        ref: str | None = None,
        key: str | None = None,
        **more: Any,
    ) -> Done[ReportedPayment]:
        """Report an event of the shop's till: by default that all that is still outstanding was captured."""
        if amount is None:
            async with self.work.reads(SYSTEM) as read:
                standing = await preview_of_refund(read, order, None)
            amount = f"{Decimal(standing.balance.outstanding(standing.order.due_minor)).scaleb(-2):f}"
        command = ReportPayment(**{
            "idempotency_key": key or uuid4().hex, "order_id": order, "gateway": "till", "event_reference": ref or uuid4().hex,
            "type": kind, "amount": Amount(value=Decimal(amount)), **more,
        })  # fmt: skip
        name, again = "paymentEventReport", reported_before
        return await self.work.once(
            self.principal, report_payment, command, key=command.idempotency_key, name=name, again=again
        )

    async def refund(
        self,
        order: OrderId,
        amount: str | Amount | None = None,
        reason: RefundReason = RefundReason.OTHER,
        *,
        key: str | None = None,
        **more: Any,
    ) -> Done[RefundRow]:
        """Grant a refund: of *amount*, or of what is overpaid."""
        given = Amount(value=Decimal(amount)) if isinstance(amount, str) else amount
        command = CreateRefund(
            **{"idempotency_key": key or uuid4().hex, "order_id": order, "amount": given, "reason": reason, **more}
        )
        name, again = "refundCreate", refunds_by_id.known
        return await self.work.once(self.principal, create_refund, command, key=command.idempotency_key, name=name, again=again)

    async def request_refund(self, refund: RefundId, *, key: str | None = None, **more: Any) -> Done[RefundRow]:
        """Record that the till was told to pay a refund."""
        command = RequestRefund(**{"idempotency_key": key or uuid4().hex, "refund_id": refund, "gateway": "till", **more})
        name, again = "refundRequest", refunds_by_id.known
        return await self.work.once(
            self.principal, request_refund, command, key=command.idempotency_key, name=name, again=again
        )

    async def cancel_refund(self, refund: RefundId, *, key: str | None = None, **more: Any) -> Done[RefundRow]:
        """Call a refund off."""
        command = CancelRefund(**{"idempotency_key": key or uuid4().hex, "refund_id": refund, **more})
        name, again = "refundCancel", refunds_by_id.known
        return await self.work.once(self.principal, cancel_refund, command, key=command.idempotency_key, name=name, again=again)

    async def order(self, order: OrderId) -> OrderRow:
        """Return an order as it is now."""
        async with self.work.reads(SYSTEM) as read:
            return await order_by_id(read, order)

    async def lines(self, order: OrderId) -> Sequence[OrderLineRow]:
        """Return the order's lines as they are now."""
        async with self.work.reads(SYSTEM) as read:
            return await read.all(
                raw(select(OrderLineRow).where(OrderLineRow.order_id == order).order_by(OrderLineRow.position))
            )

    async def works(self, order: OrderId) -> Sequence[FulfillmentOrderRow]:
        """Return the order's fulfillment orders as they are now, by the priority of their locations."""
        table = FulfillmentOrderRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.order_id == order).order_by(table.id)))

    async def work_lines(self, work: FulfillmentOrderId) -> Sequence[FulfillmentOrderLineRow]:
        """Return the lines of a fulfillment order as they are now."""
        table = FulfillmentOrderLineRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.fulfillment_order_id == work).order_by(table.id)))

    async def packages_of(self, work: FulfillmentOrderId) -> Sequence[PackageRow]:
        """Return the packages of a fulfillment order as they are now, voided ones too."""
        found = select(PackageRow).where(PackageRow.fulfillment_order_id == work).order_by(PackageRow.id)
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(found))

    async def packages(self, order: OrderId) -> Sequence[PackageRow]:
        """Return the packages of an order as they are now, in the order of their leaving."""
        found = select(PackageRow).join(ShipmentRow, ShipmentRow.id == PackageRow.shipment_id)
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(found.where(ShipmentRow.order_id == order).order_by(PackageRow.id)))

    async def stock(self, sku: SkuRow, location: int = 0) -> tuple[int, int]:
        """Return the free and the committed units of *sku*."""
        level = await Given(self.work).level(sku.id, self.locations[location].id)
        return level.free, level.committed


async def findings(work: UnitOfWork) -> list[doctor.Finding]:
    """Return what the doctor finds wrong, apart from the relay, which does not run beside these tests."""
    async with work.reads(SYSTEM) as read:
        return [finding for finding in await doctor.check(read) if not finding.ok and "relay" not in finding.name]


GUARDS = """
DO $$ DECLARE guard record; BEGIN
    FOR guard IN SELECT tgrelid::regclass AS on_table, tgname FROM pg_trigger
        WHERE tgname IN ('only_grows', 'stays', 'ended', 'on_its_way', 'add_up') LOOP
        EXECUTE format('ALTER TABLE %s {} TRIGGER %I', guard.on_table, guard.tgname);
    END LOOP;
END $$
"""
ASLEEP, AWAKE = GUARDS.format("DISABLE"), GUARDS.format("ENABLE ALWAYS")


def by_hand(admin_url: str, *statements: str) -> None:
    """Change rows as nobody may: as superuser, with triggers and foreign keys asleep."""
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (ASLEEP, *statements, AWAKE):
            connection.execute(statement.encode())
