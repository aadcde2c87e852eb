"""Reading the facts of parcels and fulfillment orders for papers: one statement for any number of them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.session import Reader
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import ChannelId, FulfillmentOrderId, IdKind, LocationId, PackageId, text_id

GONE = "('VOIDED', 'CANCELED')"
OF_PACKAGE = """
    SELECT package.id, fulfillment_order_id, package_id, line_id, quantity
    FROM package JOIN package_line ON package_id = package.id WHERE package.id = ANY (:keys::uuid[])
"""
OF_WORK = """
    SELECT fulfillment_order_id, fulfillment_order_id, NULL::uuid, line_id, quantity - canceled
    FROM fulfillment_order_line WHERE fulfillment_order_id = ANY (:keys::uuid[]) AND quantity > canceled
"""


def _facts_of(units: str) -> Sql:
    return Sql(f"""
WITH part (key, work_id, package_id, line_id, units) AS ({units}), parcel AS (
    SELECT part.key, part.work_id, part.package_id,
        jsonb_agg(jsonb_build_array(coalesce(sku.code, line.sku_code), line.name, part.units, line.ordered,
            line.goods_minor - line.discount_minor - line.order_discount_minor,
            line.tax_minor, sku.hs_code, sku.origin_country, sku.weight_g) ORDER BY line.position) AS lines
    FROM part JOIN order_line line ON line.id = part.line_id LEFT JOIN sku ON sku.id = line.sku_id
    GROUP BY part.key, part.work_id, part.package_id
)
SELECT parcel.key, work.id AS fulfillment_order_id, parcel.package_id, work.channel_id, work.location_id, orders.number,
    orders.placed_at, orders.currency, orders.prices_include_tax, orders.shipping_minor, orders.total_minor, orders.note,
    channel.name AS channel, channel.time_zone, coalesce(location.eori, channel.eori) AS eori, channel.ioss,
    location.name AS location, location.address AS sender, party.shipping_address AS recipient,
    (SELECT title FROM order_shipping WHERE order_id = orders.id ORDER BY id LIMIT 1) AS shipping_method,
    package.weight_g, package.carrier, package.tracking_number, box.name AS box,
    coalesce(package.packed_at, work.created_at) AS packed_at,
    (SELECT count(*) FROM package each WHERE each.fulfillment_order_id = work.id AND each.status NOT IN {GONE}
        AND each.id <= parcel.package_id) AS part,
    (SELECT count(*) FROM package each WHERE each.fulfillment_order_id = work.id AND each.status NOT IN {GONE}) AS parts,
    parcel.lines
FROM parcel
JOIN fulfillment_order work ON work.id = parcel.work_id
JOIN orders ON orders.id = work.order_id
JOIN channel ON channel.id = work.channel_id
JOIN location ON location.id = work.location_id
LEFT JOIN package ON package.id = parcel.package_id
LEFT JOIN box ON box.id = package.box_id
LEFT JOIN LATERAL (
    SELECT shipping_address FROM order_party WHERE order_id = orders.id ORDER BY version DESC LIMIT 1
) party ON true
""")  # noqa: S608 - made of constants


PACKAGES, WORK = _facts_of(OF_PACKAGE), _facts_of(OF_WORK)


@dataclass(frozen=True, slots=True)
class CustomsGoods:
    """Units of an order line, with what customs ask of it; *value* is what they come to, without taxes, in minor units."""

    sku: str
    title: str
    units: int
    value: int
    hs_code: str | None
    origin: str | None
    weight_g: int | None


@dataclass(frozen=True, slots=True)
class PrintedParcel:
    """The facts of a package for papers, or of all units that a fulfillment order has to ship: then *package_id* is None."""

    key: UUID
    fulfillment_order_id: FulfillmentOrderId
    package_id: PackageId | None
    channel_id: ChannelId
    location_id: LocationId
    number: int
    placed_on: date
    currency: str
    shipping_minor: int
    total_minor: int
    note: str | None
    channel: str
    eori: str | None
    ioss: str | None
    location: str
    sender: Address | None
    recipient: Address | None
    shipping_method: str | None
    weight_g: int | None
    carrier: str | None
    tracking_number: str | None
    box: str | None
    packed_on: date
    part: int
    parts: int
    goods: Sequence[CustomsGoods]


WORKED_OUT = {"placed_on", "packed_on", "sender", "recipient", "goods"}
PLAIN = tuple(field.name for field in fields(PrintedParcel) if field.name not in WORKED_OUT)
"""What is as the statement gives it."""


async def parcels_of_packages(read: Reader, keys: Sequence[PackageId]) -> list[PrintedParcel]:
    """Return what papers say of packages, in the order of *keys*. Raises: NotFound, also for one that is not seen."""
    rows = await read.all(Query[Any](*PACKAGES(keys=array(keys))))
    return _in_order(read, keys, rows, IdKind.PACKAGE)


async def parcels_of_work(read: Reader, keys: Sequence[FulfillmentOrderId]) -> list[PrintedParcel]:
    """Return what papers say of fulfillment orders, in the order of *keys*. Raises: NotFound, also for one that is not seen."""
    rows = await read.all(Query[Any](*WORK(keys=array(keys))))
    return _in_order(read, keys, rows, IdKind.FULFILLMENT_ORDER)


def _in_order(read: Reader, keys: Sequence[UUID], rows: Sequence[Any], kind: IdKind) -> list[PrintedParcel]:
    found = {row.key: _parcel(row) for row in rows}
    principal = read.principal
    for key in keys:
        seen = found.get(key)
        if seen is None or not (principal.sees_channel(seen.channel_id) and principal.sees_location(seen.location_id)):
            raise NotFound(what=kind.name.lower().replace("_", " "), given=text_id(kind, key))
    return [found[key] for key in keys]


def _parcel(row: Any) -> PrintedParcel:  # noqa: ANN401 - a record of the statement above
    plain = {name: getattr(row, name) for name in PLAIN}
    return PrintedParcel(
        **plain,
        placed_on=_day(row.placed_at, row.time_zone),
        packed_on=_day(row.packed_at, row.time_zone),
        sender=None if row.sender is None else Address(**row.sender),
        recipient=None if row.recipient is None else Address(**row.recipient),
        goods=[_goods(line, with_tax=row.prices_include_tax) for line in row.lines],
    )


def _goods(line: Sequence[Any], *, with_tax: bool) -> CustomsGoods:
    sku, title, units, ordered, net, tax, hs_code, origin, weight = line
    whole = net - tax if with_tax else net
    return CustomsGoods(sku or "", title, units, (2 * whole * units + ordered) // (2 * ordered), hs_code, origin, weight)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
