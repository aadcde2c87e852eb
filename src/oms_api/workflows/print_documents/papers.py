"""The facts of a parcel for templates. Pure."""

from oms_api.db.columns import Json
from oms_api.domain.carriers.errors import AddressMissing
from oms_api.domain.documents.wording import address_lines
from oms_api.kernel.address import Address
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.money import amount_text, exponent
from oms_api.workflows.print_documents.parcels import CustomsGoods, PrintedParcel


def packing_slip(parcel: PrintedParcel) -> Json:
    """Return the facts of a packing slip."""
    return {
        "channel": {"name": parcel.channel},
        "sender": sender(parcel),
        "recipient": party(parcel.recipient),
        "order": order(parcel),
        "package": None if parcel.package_id is None else package(parcel),
        "qr": {"$qr": code_of(parcel)},
        "lines": [{"sku": each.sku, "title": each.title, "quantity": each.units} for each in parcel.goods],
        "units": sum(each.units for each in parcel.goods),
    }


def commercial_invoice(parcel: PrintedParcel) -> Json:
    """Return the facts of an invoice for customs. Raises: AddressMissing."""
    if parcel.recipient is None:
        raise AddressMissing(whose=f"order {parcel.number}")
    shipping = parcel.shipping_minor if parcel.part <= 1 else 0
    value = sum(each.value for each in parcel.goods)
    totals = [["Goods", money(parcel, value)]] + ([["Shipping", money(parcel, shipping)]] if shipping else [])
    return {
        "number": f"{parcel.number}-{parcel.part}" if parcel.part else str(parcel.number),
        "date": parcel.packed_on.isoformat(),
        "order": order(parcel),
        "parcels": 1 if parcel.package_id is not None else max(parcel.parts, 1),
        "exporter": {**sender(parcel), "eori": parcel.eori, "ioss": parcel.ioss},
        "importer": party(parcel.recipient),
        "currency": parcel.currency,
        "lines": [invoiced(parcel, each) for each in parcel.goods],
        "totals": totals,
        "total": money(parcel, value + shipping),
        "weight": kilograms(gross(parcel)),
        "reason": "Sale",
    }


def invoiced(parcel: PrintedParcel, goods: CustomsGoods) -> Json:
    """Return the facts of a line of an invoice."""
    return {
        "sku": goods.sku,
        "title": goods.title,
        "quantity": goods.units,
        "hs_code": goods.hs_code,
        "origin": goods.origin,
        "weight": None if goods.weight_g is None else kilograms(goods.weight_g * goods.units),
        "unit_value": money(parcel, (2 * goods.value + goods.units) // (2 * goods.units)),
        "value": money(parcel, goods.value),
    }


def order(parcel: PrintedParcel) -> Json:
    """Return what all papers say of the order."""
    return {
        "number": str(parcel.number),
        "placed_on": parcel.placed_on.isoformat(),
        "shipping_method": parcel.shipping_method,
        "note": parcel.note,
        "currency": parcel.currency,
        "total": money(parcel, parcel.total_minor),
    }


def package(parcel: PrintedParcel) -> Json:
    """Return what papers say of the package."""
    return {
        "id": code_of(parcel),
        "part": parcel.part,
        "parts": parcel.parts,
        "box": parcel.box,
        "weight": None if parcel.weight_g is None else kilograms(parcel.weight_g),
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier,
    }


def sender(parcel: PrintedParcel) -> Json:
    """Return the location as whoever sends: its name stands first, unless its address has one."""
    return {"name": parcel.location, "lines": sender_lines(parcel.sender, parcel.location)}


def sender_lines(address: Address | None, name: str) -> list[str]:
    """Return the lines of a location's address."""
    if address is None:
        return [name]
    lines = address_lines(address)
    return lines if address.name or address.company else [name, *lines]


def party(address: Address | None) -> Json:
    """Return a recipient."""
    if address is None:
        return {"name": None, "lines": [], "phone": None}
    return {"name": address.name or address.company, "lines": address_lines(address), "phone": address.phone}


def code_of(parcel: PrintedParcel) -> str:
    """Return what a scanner reads from the paper: the id of the package, or of the fulfillment order."""
    if parcel.package_id is not None:
        return text_id(IdKind.PACKAGE, parcel.package_id)
    return text_id(IdKind.FULFILLMENT_ORDER, parcel.fulfillment_order_id)


def money(parcel: PrintedParcel, minor: int) -> str:
    """Return an amount in major units."""
    return amount_text(minor, exponent(parcel.currency))


def kilograms(grams: int) -> str:
    """Return a weight as papers say it."""
    return f"{grams / 1000:.3f} kg"


def gross(parcel: PrintedParcel) -> int:
    """Return the weight of the parcel, or of its goods where it was not weighed."""
    if parcel.weight_g is not None:
        return parcel.weight_g
    return sum((each.weight_g or 0) * each.units for each in parcel.goods)
