"""Parcels in the form of the SDK, and its answers in ours. Weights in kg, sides in cm."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from oms_api.domain.parcels.port import BoughtLabel, CarrierRefused, CarrierUnreadable, CustomsLine, Parcel, Quote, Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.kernel.address import Address
from oms_api.kernel.errors import OmsError
from oms_api.kernel.money import EXPONENTS, Money
from oms_api.kernel.naming import LONGEST_CODE, LONGEST_TEXT

GRAMS, MILLIMETRES = 1_000, 10
S = TrackingStatus
STATUSES = {
    "pending": S.PRE_TRANSIT,
    "picked_up": S.IN_TRANSIT,
    "in_transit": S.IN_TRANSIT,
    "on_hold": S.IN_TRANSIT,
    "delivery_delayed": S.IN_TRANSIT,
    "out_for_delivery": S.OUT_FOR_DELIVERY,
    "ready_for_pickup": S.AVAILABLE_FOR_PICKUP,
    "delivered": S.DELIVERED,
    "return_to_sender": S.RETURN_TO_SENDER,
    "delivery_failed": S.FAILURE,
}
LOST = "carrier_parcel_lost"
"""The reason by which a carrier says that it lost a parcel, whatever the status beside it."""
PARTS = {
    "postal": "postalCode",
    "zip": "postalCode",
    "city": "city",
    "state": "region",
    "street": "line1",
    "address line": "line1",
    "country": "country",
    "phone": "phone",
}
"""Words by which carriers say what of the recipient is wrong, and how we call that."""


def shipment_of(parcel: Parcel) -> dict[str, object]:
    """Return what a rate and a label are asked for with. Raises: CarrierRefused, for what is not mapped."""
    if parcel.pickup_point is not None:
        said = "Pickup points of this carrier are not supported here."
        raise CarrierRefused(carrier_code="PICKUP_POINT", carrier_message=said, field=("pickupPoint",))
    options: dict[str, object] = {}
    if parcel.signature:
        options["signature_confirmation"] = True
    if parcel.insured is not None:
        options |= {"insurance": float(parcel.insured.amount), "currency": parcel.insured.currency}
    shipment: dict[str, object] = {
        "shipper": _address(parcel.sender),
        "recipient": _address(parcel.recipient),
        "parcels": [_parcel(parcel)],
        "options": options,
    }
    return shipment if not parcel.crosses_border else shipment | {"customs": _customs(parcel.customs)}


def _address(address: Address) -> dict[str, object]:
    return {
        "person_name": address.name,
        "company_name": address.company,
        "address_line1": address.line1 or "",
        "address_line2": address.line2,
        "city": address.city,
        "state_code": address.region,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "phone_number": address.phone,
    }


def _parcel(parcel: Parcel) -> dict[str, object]:
    sides = {"length": parcel.length_mm, "width": parcel.width_mm, "height": parcel.height_mm}
    known = None not in sides.values()
    return {
        "weight": parcel.weight_g / GRAMS,
        "weight_unit": "KG",
        **({name: (side or 0) / MILLIMETRES for name, side in sides.items()} if known else {}),
        **({"dimension_unit": "CM"} if known else {}),
        "reference_number": parcel.reference,
    }


def _customs(lines: Sequence[CustomsLine]) -> dict[str, object]:
    return {
        "content_type": "merchandise",
        "incoterm": "DDU",
        "commodities": [
            {
                "title": line.name,
                "sku": line.sku,
                "quantity": line.quantity,
                "weight": line.weight_g / GRAMS / line.quantity,
                "weight_unit": "KG",
                "value_amount": float(line.value.amount),
                "value_currency": line.value.currency,
                "hs_code": line.hs_code,
                "origin_country": line.origin,
            }
            for line in lines
        ],
    }


def refused_by(messages: Sequence[Any]) -> CarrierRefused:
    """Return what a carrier said, with the part of the recipient that it does not accept, where a word tells."""
    first = next((each for each in messages if each.level != "warning"), messages[0])
    said = str(first.message or "The carrier gave no reason.")
    part = next((name for word, name in PARTS.items() if word in said.lower()), None)
    return CarrierRefused(
        carrier_code=str(first.code or ""), carrier_message=said, field=() if part is None else ("recipient", part)
    )


def quotes_of(rates: Sequence[Any]) -> list[Quote]:
    """Return what a carrier offers, without what has no price that can be kept."""
    found: list[Quote] = []
    for rate in rates:
        price = money(rate.total_charge, rate.currency)
        if price is not None and rate.service:
            name = str((rate.meta or {}).get("service_name") or rate.service)
            found.append(Quote(service=rate.service, name=name, price=price, days=rate.transit_days))
    return found


def label_of(shipment: Any, price: Money | None) -> BoughtLabel:  # noqa: ANN401 - without types
    """Return what was bought. Raises: CarrierUnreadable, for a label that cannot be decoded."""
    try:
        content = b64decode(shipment.docs.label or "", validate=True)
        zpl = shipment.docs.zpl_label or (content.decode() if shipment.label_type == "ZPL" else None)
    except ValueError:
        raise CarrierUnreadable from None
    return BoughtLabel(
        tracking_number=shipment.tracking_number,
        price=price,
        carrier_ref=shipment.shipment_identifier,
        tracking_url=(shipment.meta or {}).get("carrier_tracking_link"),
        pdf=content or None if shipment.label_type == "PDF" else None,
        png=content if shipment.label_type == "PNG" else None,
        zpl=zpl,
    )


def scans_of(details: Sequence[Any]) -> list[Scan]:
    """Return what a carrier tells of a parcel, oldest first; what has no moment is left out."""
    scans: list[Scan] = []
    for event in (event for each in details for event in each.events or ()):
        with suppress(TypeError, ValueError):
            moment = datetime.fromisoformat(str(event.timestamp))
            at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            status = S.LOST if event.reason == LOST else STATUSES.get(event.status or "", S.UNKNOWN)
            code = (_text(event.code, LONGEST_CODE) or "").strip()
            message, place = _text(event.description), _text(event.location)
            scans.append(Scan(status=status, occurred_at=at, code=code, message=message, place=place))
    return sorted(scans, key=lambda scan: scan.occurred_at)


def _text(given: object, longest: int = LONGEST_TEXT) -> str | None:
    """Return a text as it can be kept."""
    return str(given).replace("\0", "")[:longest] if given else None


def money(amount: object, currency: object) -> Money | None:
    """Return an amount as it is kept, None where it is none."""
    if not isinstance(currency, str) or currency not in EXPONENTS:
        return None
    with suppress(InvalidOperation, OmsError, TypeError):
        return Money.of(round(Decimal(str(amount)), EXPONENTS[currency]), currency)
    return None


def charged(answer: Any, paths: Sequence[Sequence[str | int]]) -> Money | None:  # noqa: ANN401 - JSON
    """Return what a label cost by the first of *paths* in the *answer* that leads to an amount and its currency."""
    for *way, amount, currency in paths:
        at = at_path(answer, way)
        price = money(_inner(at, amount), _inner(at, currency))
        if price is not None:
            return price
    return None


def at_path(answer: Any, path: Sequence[str | int]) -> Any:  # noqa: ANN401 - JSON
    """Return what lies at *path* in an *answer*, or None."""
    at = answer
    for step in path:
        at = _inner(at, step)
    return at


def _inner(at: Any, step: str | int) -> Any:  # noqa: ANN401 - JSON
    if isinstance(at, Mapping):
        return at.get(step)
    if isinstance(at, list) and isinstance(step, int) and step < len(at):
        return at[step]
    return None
