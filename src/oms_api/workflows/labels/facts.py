"""A parcel as a carrier needs it: read of a package, of the rest of a fulfillment order, or of a return."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from oms_api.db.relations import One, one_for
from oms_api.db.sql import Sql
from oms_api.domain.carriers.errors import AddressMissing, WeightMissing
from oms_api.domain.carriers.queries import SHIPPING_CODE
from oms_api.domain.parcels.port import CustomsLine, Parcel
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, PackageId, ReturnId
from oms_api.kernel.money import Money, extended_minor
from oms_api.kernel.sentences import enumerated

HEADER = f"""
orders.id AS order_id, orders.number, orders.currency, orders.channel_id,
location.id AS location_id, location.code AS location_code, location.name AS location_name,
location.address AS location_address,
{SHIPPING_CODE} AS shipping_code,
(SELECT jsonb_build_object('address', party.shipping_address, 'point', party.delivery_point, 'contact', party.contact)
 FROM order_party party WHERE party.order_id = orders.id ORDER BY party.version DESC LIMIT 1) AS party
"""  # noqa: S608 - our own part
GOODS = """
jsonb_agg(jsonb_build_array(line.name, coalesce(line.sku_code, ''), {units}, sku.weight_g, line.unit_price::text, sku.hs_code,
                            sku.origin_country) ORDER BY line.position)
"""
OF_PACKAGE = f"""
SELECT package.id, package.fulfillment_order_id, package.status, package.weight_g, package.length_mm, package.width_mm,
       package.height_mm, box.code AS box, coalesce(box.tare_g, 0) AS tare_g, {HEADER},
       (SELECT {GOODS.format(units="content.quantity")}
        FROM package_line content JOIN order_line line ON line.id = content.line_id LEFT JOIN sku ON sku.id = line.sku_id
        WHERE content.package_id = package.id) AS goods,
       (SELECT jsonb_build_array(count(*) FILTER (WHERE beside.id <= package.id), count(*)) FROM package beside
        WHERE beside.fulfillment_order_id = package.fulfillment_order_id
          AND beside.status IN ('DRAFT', 'LABEL_PURCHASED')) AS place
FROM package JOIN orders ON orders.id = package.order_id JOIN location ON location.id = package.location_id
LEFT JOIN box ON box.id = package.box_id
WHERE package.id = ANY (:id::uuid[])
"""  # noqa: S608 - our own parts
OF_WORK = f"""
SELECT work.id, work.status, NULL::int AS weight_g, NULL::int AS length_mm, NULL::int AS width_mm, NULL::int AS height_mm,
       NULL::text AS box, 0 AS tare_g, {HEADER},
       (SELECT {GOODS.format(units="part.quantity - part.shipped - part.canceled")}
        FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id LEFT JOIN sku ON sku.id = line.sku_id
        WHERE part.fulfillment_order_id = work.id AND part.quantity > part.shipped + part.canceled) AS goods,
       '[1, 1]'::jsonb AS place
FROM fulfillment_order work JOIN orders ON orders.id = work.order_id JOIN location ON location.id = work.location_id
WHERE work.id = ANY (:id::uuid[])
"""  # noqa: S608 - our own parts
OF_RETURN = f"""
SELECT back.id, back.status, NULL::int AS weight_g, NULL::int AS length_mm, NULL::int AS width_mm,
       NULL::int AS height_mm, NULL::text AS box, 0 AS tare_g, {HEADER},
       (SELECT {GOODS.format(units="part.quantity - part.received - part.called_off")}
        FROM return_line part JOIN order_line line ON line.id = part.line_id LEFT JOIN sku ON sku.id = line.sku_id
        WHERE part.return_id = back.id AND part.quantity > part.received + part.called_off) AS goods,
       '[1, 1]'::jsonb AS place
FROM returns back JOIN orders ON orders.id = back.order_id JOIN location ON location.id = ANY (:location_id::uuid[])
WHERE back.id = ANY (:id::uuid[])
"""  # noqa: S608 - our own parts


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a parcel besides its service."""

    signature: bool = False
    insured: bool = False
    pickup_point: bool = False


PLAIN = Options()
parcels_of_packages: One[PackageId, Any] = one_for("id")(Sql(OF_PACKAGE))
"""What is known of each package as a parcel; the packages were seen before."""
parcels_of_work: One[FulfillmentOrderId, Any] = one_for("id")(Sql(OF_WORK))
"""What is left of each fulfillment order as one parcel; they were seen before."""
parcels_of_returns: One[tuple[ReturnId, Any], Any] = one_for("id", "location_id")(Sql(OF_RETURN))
"""What comes back of each return, to a location, as one parcel; the returns were seen before."""


def parcel_of(facts: Any, options: Options = PLAIN, *, weight_g: int | None = None, back: bool = False) -> Parcel:  # noqa: ANN401 - a row
    """Return the parcel of *facts*; *back*, it goes the other way. Raises: WeightMissing, AddressMissing."""
    goods = [_Goods(*each) for each in facts.goods or ()]
    sender, recipient = _location(facts), _customer(facts, options)
    if back:
        sender, recipient = recipient, sender
    part, parts = facts.place
    crosses = sender.country != recipient.country
    return Parcel(
        sender=sender,
        recipient=recipient,
        weight_g=weight_g or facts.weight_g or _weight(goods, facts.tare_g),
        length_mm=facts.length_mm,
        width_mm=facts.width_mm,
        height_mm=facts.height_mm,
        signature=options.signature,
        insured=_value(goods, facts.currency) if options.insured else None,
        pickup_point=_point(facts) if options.pickup_point and not back else None,
        customs=tuple(each.declared(facts.currency) for each in goods) if crosses else (),
        reference=str(facts.number),
        box=facts.box,
        part=part or 1,
        parts=parts or 1,
        is_return=back,
    )


@dataclass(frozen=True, slots=True)
class _Goods:
    """Units of a line in a parcel; *grams* of one, None where that is not known."""

    name: str
    sku: str
    quantity: int
    grams: int | None
    price: str
    hs_code: str | None
    origin: str | None

    def declared(self, currency: str) -> CustomsLine:
        """Return the declaration for customs."""
        value = Money(extended_minor(Decimal(self.price), 1, currency), currency)
        return CustomsLine(
            name=self.name,
            sku=self.sku,
            quantity=self.quantity,
            weight_g=self.quantity * (self.grams or 0),
            value=value,
            hs_code=self.hs_code,
            origin=self.origin,
        )


def _weight(goods: Sequence[_Goods], tare_g: int) -> int:
    """Return what *goods* weigh in their box. Raises: WeightMissing."""
    unknown = sorted({each.sku for each in goods if not each.grams})
    if unknown or not goods:
        missing = f"{enumerated(unknown)} {'has' if len(unknown) == 1 else 'have'} none" if unknown else "nothing is in it"
        raise WeightMissing(missing=missing)
    return tare_g + sum(each.quantity * (each.grams or 0) for each in goods)


def _value(goods: Sequence[_Goods], currency: str) -> Money:
    return Money(sum(extended_minor(Decimal(each.price), each.quantity, currency) for each in goods), currency)


def _location(facts: Any) -> Address:  # noqa: ANN401 - a row
    if not facts.location_address:
        raise AddressMissing(whose=f"location '{facts.location_code}'")
    said = dict(facts.location_address)
    if not said.get("name") and not said.get("company"):
        said["company"] = facts.location_name
    return Address(**said)


def _customer(facts: Any, options: Options) -> Address:  # noqa: ANN401 - a row
    said = (facts.party or {}).get("address")
    if not said:
        raise AddressMissing(whose=f"order {facts.number}")
    contact = facts.party.get("contact") or {}
    if not said.get("name") and not said.get("company"):
        said = said | {"name": contact.get("name")}
    if not said.get("phone") and options.pickup_point:
        said = said | {"phone": contact.get("phone")}
    return Address(**said)


def _point(facts: Any) -> str | None:  # noqa: ANN401 - a row
    point = (facts.party or {}).get("point")
    return None if not point else str(point["code"])
