"""Benches that lead orders, and all that is done for them, by the ids of the documents that are led."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.queries import labels_by_package
from oms_api.domain.carriers.tables import CarrierAccountRow, LabelRow
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.holds.commands.expire import release_due
from oms_api.domain.fulfillment.holds.commands.release import ReleaseFulfillmentOrder, release_fulfillment_order
from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.domain.fulfillment.requests.queries import requests_by_id
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.inventory.reservations.commands.expire import expire_overdue
from oms_api.domain.inventory.reservations.queries import reservations_by_id
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.orders.changes.wanted import SendAgain, SetPrice, SetQuantity
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.states import CanceledStock
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.domain.parcels.port import BoughtLabel
from oms_api.domain.pickups.states import PickupStatus
from oms_api.domain.shipping.queries import packages_by_id
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.ids import (
    FulfillmentOrderId,
    FulfillmentRequestId,
    HoldId,
    LabelId,
    LineId,
    OrderChangeId,
    OrderId,
    PackageId,
    PickupId,
    ReservationId,
)
from oms_api.workflows.edit_order.proposals import RequestChange, request_change
from oms_api.workflows.labels.outcome import LabelBought, Voided, VoidLabel, begin_void, record_bought, record_voided
from oms_api.workflows.labels.request import PurchaseLabel, request_label
from oms_api.workflows.pickups.hand_over import HandOverPickup, hand_over_pickup
from oms_api.workflows.pickups.overdue import expire_pickups
from oms_api.workflows.requests.overdue import silent_suppliers
from tests.factories.carriage import account_of, packed, shop_with_address
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM
from tests.factories.holding import hold, hold_work, release
from tests.factories.ports import ports_of
from tests.factories.raw import raw
from tests.factories.rearranging import Floor
from tests.factories.requesting import Desk
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import PRICE, Shop, fee, line

LATE = Sql("UPDATE pickup SET collect_by = 'epoch', remind_on = NULL WHERE id = :id::uuid")
OVERDUE = Sql("UPDATE reservation SET expires_at = created_at + interval '1 microsecond' WHERE id = :id::uuid")
DUE = Sql("UPDATE order_hold SET release_at = 'epoch' WHERE id = :id::uuid")
SILENT = Sql("UPDATE fulfillment_request SET answer_by = 'epoch' WHERE id = :id::uuid")


@dataclass(frozen=True)
class Bench:
    """A shop that a supplier serves first, and two stores behind it, with goods of the stores and goods of all."""

    work: UnitOfWork
    opened: Shop
    asking: Desk
    cup: SkuRow
    bowl: SkuRow

    @classmethod
    async def open(cls, work: UnitOfWork) -> "Bench":
        """Open the shop. Orders of which nothing ships are completed as they are placed."""
        desk, shop = await Desk.open(work), (await Store.open(work, locations=2)).shop
        shop = replace(shop, locations=(desk.location, *shop.locations))
        change = UpdateChannel(channel_id=shop.channel.id, location_ids=tuple(place.id for place in shop.locations))
        await work.execute(SYSTEM, update_channel, change)
        await shop.hand_over_at_once()
        return cls(work, shop, desk, await shop.stocked(0, 5_000, 5_000), await shop.stocked(5_000))

    @property
    def shop(self) -> Shop:
        """The shop, on this unit of work."""
        return replace(self.opened, work=self.work)

    @property
    def desk(self) -> Desk:
        """The desk of the supplier."""
        return replace(self.asking, work=self.work)

    @property
    def floor(self) -> Floor:
        """Where work is given to locations."""
        return Floor(self.work)

    async def do(self, command: Any, given: Any) -> Any:
        """Carry out a command."""
        return await self.work.execute(SYSTEM, command, given)

    async def line(self, order: OrderId) -> OrderLineRow:
        """Return the first line of an order."""
        return (await self.shop.lines(order))[0]

    async def packages(self, order: OrderId) -> list[PackageRow]:
        """Return the package of an order that left last, if any left."""
        return list(await self.shop.packages(order))[-1:]


class Orders(Bench):
    """What is done with orders."""

    async def placed(self) -> OrderId:
        """Place an order of two units."""
        return (await self.shop.place(line(self.cup, 2), external_ref=uuid4().hex)).id

    async def completed(self) -> OrderId:
        """Place an order of which nothing ships."""
        return (await self.shop.place(replace(fee(), quantity=2))).id

    async def cancel(self, key: OrderId, units: int) -> None:
        """Cancel units."""
        await self.shop.cancel(key, ((await self.line(key)).id, units))

    async def edit(self, key: OrderId, change: Callable[..., Any], **more: Any) -> None:
        """Change the first line."""
        await self.shop.edit(key, change(line_id=(await self.line(key)).id, **more))

    async def ship(self, key: OrderId, *units: int) -> None:
        """Ship units, or all, of the last fulfillment order."""
        first = await self.line(key)
        for todo in (await self.shop.works(key))[-1:]:
            await self.shop.ship(todo.id, *((first.id, each) for each in units))

    async def parcel(self, key: OrderId, act: Callable[[Shop, PackageRow], Awaitable[Any]]) -> None:
        """Do something with the package that left last."""
        for package in await self.packages(key):
            await act(self.shop, package)

    async def apart(self, key: OrderId) -> Hashable:
        """Return whether it is on hold, has a reference, and how far its units are."""
        order, lines = await self.shop.order(key), await self.shop.lines(key)
        wanted, shipped = sum(each.ordered - each.canceled for each in lines), sum(each.shipped for each in lines)
        ended = any(each.delivered for each in lines), any(each.lost for each in lines)
        return order.on_hold or (order.external_ref is None, min(wanted, 2), min(shipped, 2), ended)


EDITS = (
    partial(Orders.edit, change=partial(SetQuantity, quantity=1)),
    partial(Orders.edit, change=partial(SetQuantity, quantity=2)),
    partial(Orders.edit, change=partial(SendAgain, quantity=1)),
    partial(Orders.edit, change=partial(SetPrice, unit_price=PRICE)),
)


class Works(Bench):
    """What is done with fulfillment orders."""

    async def waiting(self) -> FulfillmentOrderId:
        """Return a fulfillment order of two units, beside one of one unit."""
        order = await self.shop.place(line(self.cup, 3))
        (todo,) = await self.shop.works(order.id)
        await self.floor.split(todo.id, ((await self.line(order.id)).id, 1))
        return todo.id

    async def accepted(self) -> FulfillmentOrderId:
        """Return a fulfillment order that a supplier accepted."""
        request = await self.desk.asked((await self.shop.place(line(self.bowl, 2))).id)
        await self.desk.accept(request.id)
        return request.fulfillment_order_id

    async def now(self, key: FulfillmentOrderId) -> FulfillmentOrderRow:
        """Return a fulfillment order as it is."""
        async with self.work.reads(SYSTEM) as read:
            return await fulfillment_order_by_id(read, key)

    async def unit(self, key: FulfillmentOrderId) -> tuple[LineId, int]:
        """Return one unit of its order's line."""
        return (await self.line((await self.now(key)).order_id)).id, 1

    async def order(self, key: FulfillmentOrderId, command: Any, **given: Any) -> None:
        """Carry out a command that takes the id of the fulfillment order."""
        await self.do(command, given.pop("given")(idempotency_key=uuid4().hex, fulfillment_order_id=key, **given))

    async def ship(self, key: FulfillmentOrderId) -> None:
        """Ship one unit."""
        await self.shop.ship(key, await self.unit(key))

    async def split(self, key: FulfillmentOrderId) -> None:
        """Split one unit off."""
        await self.floor.split(key, await self.unit(key))

    async def reject(self, key: FulfillmentOrderId) -> None:
        """Reject one unit."""
        await self.floor.reject(key, await self.unit(key))

    async def ready(self, key: FulfillmentOrderId) -> None:
        """Let it wait for its customer."""
        await Store(self.shop).ready(key)

    async def move(self, key: FulfillmentOrderId) -> None:
        """Give it to the other store."""
        here = (await self.now(key)).location_id
        await self.floor.move(key, next(each for each in self.shop.locations[1:] if each.id != here))

    async def merge(self, key: FulfillmentOrderId, *, into: bool) -> None:
        """Join the others of its order into it, or it into them."""
        others = [each.id for each in await self.shop.works((await self.now(key)).order_id) if each.id != key]
        if others:
            await self.floor.merge(*(key, *others) if into else (*others, key))

    async def cancel(self, key: FulfillmentOrderId, *, all_units: bool) -> None:
        """Cancel units of its order that nobody finds."""
        units = () if all_units else (await self.unit(key),)
        await self.shop.cancel((await self.now(key)).order_id, *units, stock=CanceledStock.NOT_FOUND)

    async def undo(self, key: FulfillmentOrderId) -> None:
        """Undo the last shipment of its order."""
        for package in await self.packages((await self.now(key)).order_id):
            await self.shop.cancel_shipment(package.shipment_id)

    async def apart(self, key: FulfillmentOrderId) -> Hashable:
        """Return whether it is on hold, a supplier's, waits for a customer, and whether units of it left."""
        now = await self.now(key)
        shipped = any(each.shipped for each in await self.shop.work_lines(key))
        return now.on_hold or (now.location_id == self.desk.location.id, now.awaits_pickup, shipped)


class Changes(Orders):
    """What is done with proposed changes of orders."""

    async def proposed(self) -> OrderChangeId:
        """Propose one unit more."""
        order = await self.placed()
        change = SetQuantity(line_id=(await self.line(order)).id, quantity=3)
        wanted = RequestChange(idempotency_key="", order_id=order, changes=(change,))
        key: OrderChangeId = (await self.do(request_change, wanted)).id
        return key


class Holds(Orders):
    """What is done with holds."""

    async def held(self) -> HoldId:
        """Put an order on hold."""
        return (await hold(self.work, await self.placed())).id

    async def held_work(self) -> HoldId:
        """Put a fulfillment order on hold."""
        (todo,) = await self.shop.works(await self.placed())
        return (await hold_work(self.work, todo.id)).id

    async def due(self, key: HoldId) -> None:
        """Let the time of a hold be over."""

        async def late(tx: Tx, key: HoldId) -> None:
            await tx.fetch(DUE(id=key))
            await release_due(tx, Batch())

        await self.do(late, key)

    async def end(self, key: HoldId) -> None:
        """Cancel the order."""
        await self.shop.cancel((await self.hold(key)).order_id)

    async def release(self, key: HoldId) -> None:
        """Release the hold."""
        it = await self.hold(key)
        if it.fulfillment_order_id is None:
            await release(self.work, it.order_id, hold_id=key)
        else:
            named: dict[str, Any] = {"fulfillment_order_id": it.fulfillment_order_id, "hold_id": key}
            await self.do(release_fulfillment_order, ReleaseFulfillmentOrder(idempotency_key="", **named))

    async def hold(self, key: HoldId) -> OrderHoldRow:
        """Return a hold as it is."""
        async with self.work.reads(SYSTEM) as read:
            return await read.one(raw(select(OrderHoldRow).where(OrderHoldRow.id == key)))


class Reservations(Bench):
    """What is done with units that checkouts hold."""

    async def held(self) -> ReservationId:
        """Hold a unit."""
        return (await Checkouts(self.shop).reserve(wanted(self.cup))).id

    async def overdue(self, key: ReservationId) -> None:
        """Let the time of units that are held be over."""

        async def late(tx: Tx, key: ReservationId) -> None:
            await tx.fetch(OVERDUE(id=key))
            await expire_overdue(tx, Batch())

        async with self.work.reads(SYSTEM) as read:
            active = (await reservations_by_id.known(read, key)).status is ReservationStatus.ACTIVE
        if active:
            await self.do(late, key)


class Pickups(Works):
    """What is done with goods that wait for their customers."""

    @property
    def store(self) -> Store:
        """The store where they wait."""
        return Store(self.shop)

    async def waits(self) -> PickupId:
        """Let goods wait."""
        return (await self.store.ready(await self.waiting())).id

    async def hand_over(self, key: PickupId) -> None:
        """Hand the goods over for their code."""
        command = HandOverPickup(idempotency_key="", pickup_id=key, code=(await self.store.now(key)).code or "")
        await self.do(hand_over_pickup, command)

    async def overdue(self, key: PickupId) -> None:
        """Let nobody come in time for goods that wait."""

        async def late(tx: Tx, key: PickupId) -> None:
            await tx.fetch(LATE(id=key))
            await expire_pickups(tx, Batch())

        if (await self.store.now(key)).status is PickupStatus.READY:
            await self.do(late, key)


class Requests(Works):
    """What is done with requests to suppliers."""

    async def asked(self) -> FulfillmentRequestId:
        """Ask for two units."""
        return (await self.desk.asked((await self.shop.place(line(self.bowl, 2))).id)).id

    async def request(self, key: FulfillmentRequestId) -> FulfillmentRequestRow:
        """Return a request as it is."""
        async with self.work.reads(SYSTEM) as read:
            return await requests_by_id.known(read, key)

    async def answer(self, key: FulfillmentRequestId, act: Any, units: int) -> None:
        """Answer with units of its line, or without any."""
        lines = await self.shop.work_lines((await self.request(key)).fulfillment_order_id)
        await act(self.desk, key, *((each.id, units) for each in lines if units))

    async def with_work(self, key: FulfillmentRequestId, act: Any) -> None:
        """Do something with its fulfillment order."""
        await act(self, (await self.request(key)).fulfillment_order_id)

    async def silence(self, key: FulfillmentRequestId) -> None:
        """Let the supplier not answer what it was asked in time."""

        async def silent(tx: Tx, key: FulfillmentRequestId) -> None:
            await tx.fetch(SILENT(id=key))
            await silent_suppliers(tx, Batch())

        if (await self.request(key)).status is FulfillmentRequestStatus.SUBMITTED:
            await self.do(silent, key)

    async def apart(self, key: Any) -> Hashable:
        """Return whether it goes elsewhere once the supplier stops, and whether units of it left."""
        now = await self.request(key)
        lines = await self.shop.work_lines(now.fulfillment_order_id)
        stops = now.status is FulfillmentRequestStatus.CANCELLATION_REQUESTED
        return stops and now.moves_on, any(each.shipped for each in lines)


@dataclass(frozen=True)
class Parcels:
    """A shop whose packages get labels of a carrier that is never called: what came of them is recorded."""

    work: UnitOfWork
    opened: Shop
    account: CarrierAccountRow

    @classmethod
    async def open(cls, work: UnitOfWork) -> "Parcels":
        """Open a shop with an account of a carrier."""
        return cls(work, await shop_with_address(work), await account_of(work, ports_of(work), "builtin"))

    @property
    def shop(self) -> Shop:
        """The shop, on this unit of work."""
        return replace(self.opened, work=self.work)

    async def do(self, command: Any, given: Any) -> Any:
        """Carry out a command."""
        return await self.work.execute(SYSTEM, command, given)

    async def waiting(self) -> PackageId:
        """Return a package that waits."""
        return (await packed(self.shop))[0]

    async def labeled(self) -> PackageId:
        """Return a package whose label was asked for."""
        package = await self.waiting()
        wanted = PurchaseLabel(package_id=package, account_id=self.account.id, service="standard")
        await self.do(partial(request_label, ports=ports_of(self.work)), wanted)
        return package

    async def label(self) -> LabelId:
        """Return a label that was asked for."""
        return (await self.labels(await self.labeled()))[0].id

    async def labels(self, package: PackageId) -> list[LabelRow]:
        """Return the labels of a package."""
        async with self.work.reads(SYSTEM) as read:
            return await labels_by_package.of_one(read, package)

    async def buy(self, key: LabelId, *, dear: bool = False) -> None:
        """Record that a label was bought."""
        bought = BoughtLabel(tracking_number="SI1", price=None, carrier_ref="SI1")
        await self.do(record_bought, LabelBought(label_id=key, carrier="DHL", bought=bought, dear=dear))

    async def give_back(self, key: LabelId) -> None:
        """Record that a label is given back."""
        await self.do(begin_void, VoidLabel(label_id=key))

    async def gave_back(self, key: LabelId) -> None:
        """Record that the carrier took a label back."""
        await self.do(record_voided, Voided(label_id=key))

    async def with_label(self, key: PackageId, act: Any) -> None:
        """Do something with the label of a package."""
        for label in await self.labels(key):
            await act(self, label.id)

    async def with_shipment(self, key: PackageId, act: Any) -> None:
        """Do something with the shipment of a package that left."""
        async with self.work.reads(SYSTEM) as read:
            shipment = (await packages_by_id.known(read, key)).shipment_id
        if shipment is not None:
            await act(self.shop, shipment)

    async def apart(self, key: PackageId) -> Hashable:
        """Return how its labels are."""
        return tuple(each.status for each in await self.labels(key))
