"""Packing what a fulfillment order has to ship, into packages that have not left yet, and unpacking them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from oms_api.db.rows import inserts
from oms_api.db.session import Reader, Tx
from oms_api.domain.carriers.queries import service_of, shipping_codes
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.fulfillment.policies import LineToShip, chosen_of
from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.fulfillment.verbs import PACK
from oms_api.domain.fulfillment.work import FulfillmentOrderDocument
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.packing.choosing import MEASURES, Measures, box_for, measured, weights_of
from oms_api.domain.packing.errors import ExceedsUnpacked, NothingLeftToPack
from oms_api.domain.packing.fitting import fit
from oms_api.domain.packing.queries import boxes_by_id, boxes_in_use, to_pack, weights_by_work
from oms_api.domain.packing.suggestion import MOST_PACKAGES, SuggestedParcel, box_of, goods_of, suggest
from oms_api.domain.shipping.contents import content, units_of
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import AllocationId, BoxId, FulfillmentOrderId, PackageId, PackageLineId

PACKAGES, CONTENTS = inserts(PackageRow), inserts(PackageLineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageToPack:
    """Units that go into one package, in a box of the location or with sides of its own."""

    lines: tuple[LineToShip, ...]
    box_id: BoxId | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    weight_g: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackWork:
    """Pack units of a fulfillment order, without *packages* all that is left as it is suggested."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    packages: tuple[PackageToPack, ...] | None = None
    expected_version: int | None = None


async def suggest_packages(read: Reader, work_id: FulfillmentOrderId) -> list[SuggestedParcel]:
    """Return how what is left to pack of a fulfillment order goes into the boxes of its location. Raises: NotFound.

    Where the shipping service of the order names a box, and the location has it, only that is packed into.
    """
    work = await fulfillment_order_by_id(read, work_id)
    goods, boxes = await to_pack.of_one(read, work.id), await boxes_in_use.of_one(read, work.location_id)
    chosen = await shipping_codes.of_one(read, work.id)
    service = await service_of(read, None if chosen is None else chosen.code, work.channel_id)
    boxes = [box for box in boxes if service is not None and box.code == service.box] or boxes
    return await asyncio.to_thread(suggest, [goods_of(each) for each in goods], [box_of(each) for each in boxes], fit())


async def pack_work(tx: Tx, command: PackWork) -> FulfillmentOrderRow:
    """Pack units of a fulfillment order, and return it: it is being worked on from then on.

    Raises: NotFound, VersionConflict, FulfillmentOrderNotOpen, OrderOnHold, FulfillmentOrderOnHold, ShipsComplete,
    NothingLeftToPack; Refused with all that is wrong with the packages.
    """
    key = command.fulfillment_order_id
    if command.packages is not None:
        check_length(command.packages, "packages", MOST_PACKAGES, "leave them out to pack as suggested")
        wanted = command.packages
    else:
        wanted = tuple(map(_as_suggested, await suggest_packages(tx, key)))
    async with changing_part(tx, FulfillmentOrderDocument, PACK, key, command.expected_version) as work:
        promises = [promise for promise in work.order.promises.values() if promise.work_id == key]
        packed = sum(promise.work_packed for promise in promises)
        if packed == sum(promise.in_fulfillment for promise in promises):
            raise NothingLeftToPack(field=("fulfillmentOrderId",))
        for package in await _filled(tx, work.was, promises, wanted):
            for promise, units in package.contents:
                work.order.pack(work.order.promises[promise.id], units)
            _write(tx, work.was, package)
        now = sum(promise.work_packed for promise in work.order.promises.values() if promise.work_id == key)
        work.also("fulfillmentOrder.packed", packed, now)
        if work.was.status is not FulfillmentOrderStatus.IN_PROGRESS:
            work.move(FulfillmentOrderStatus.IN_PROGRESS)
    return work.row


@dataclass(frozen=True, slots=True)
class Filled:
    """A package as it is to be made: its units, each of the promise that covers it, and its box and measures."""

    contents: Sequence[tuple[Promise, int]]
    box_id: BoxId | None
    measures: Measures


async def _filled(
    tx: Tx, work: FulfillmentOrderRow, promises: Sequence[Promise], wanted: Sequence[PackageToPack]
) -> list[Filled]:
    """Return the packages *wanted*. Raises: Refused, with all that is wrong with any of them."""
    boxes = await boxes_by_id(tx, list({each.box_id for each in wanted if each.box_id is not None}))
    weights = weights_of(await weights_by_work.of_one(tx, work.id))
    left: dict[AllocationId, int] = {each.id: each.in_fulfillment - each.work_packed for each in promises}
    made: list[Filled] = []
    errors: list[OmsError] = []
    for at, package in enumerate(wanted):
        try:
            check_length(package.lines, "lines", MOST_LINES)
            here = [replace(promise, in_fulfillment=left[promise.id]) for promise in promises]
            contents = chosen_of(here, package.lines, ExceedsUnpacked)
            box = box_for(package.box_id, work.location_id, boxes)
            given = {name: getattr(package, name) for name in MEASURES}
            measures = measured(given, box, units_of(contents), weights)
        except OmsError as error:
            errors.append(error.at("packages", at))
            continue
        for promise, units in contents:
            left[promise.id] -= units
        made.append(Filled(contents, package.box_id, measures))
    if errors:
        raise Refused(errors=errors)
    return made


def _write(tx: Tx, work: FulfillmentOrderRow, package: Filled) -> None:
    """Write a package that waits, with what is in it."""
    key = tx.new_id(PackageId)
    tx.put(
        PACKAGES,
        id=key,
        fulfillment_order_id=work.id,
        order_id=work.order_id,
        channel_id=work.channel_id,
        location_id=work.location_id,
        status=PackageStatus.DRAFT,
        box_id=package.box_id,
        packed_at=tx.now,
        **package.measures,
    )
    tx.write(CONTENTS, [content(tx.new_id(PackageLineId), key, promise, units) for promise, units in package.contents])


def _as_suggested(parcel: SuggestedParcel) -> PackageToPack:
    lines = tuple(LineToShip(work_line_id=line, quantity=units) for line, units in parcel.units.items())
    return PackageToPack(lines=lines, box_id=None if parcel.box is None else parcel.box.id, weight_g=parcel.weight_g)
