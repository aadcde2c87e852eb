"""How long the texts of an order may be. Pure."""

from collections.abc import Iterable, Iterator

from oms_api.domain.orders.given import Cart, DiscountGiven, TaxGiven
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems, wrong_in
from oms_api.kernel.naming import LONGEST_CODE, check_email, check_note

LONGEST_NAME = 1_000
"""Of a line: what the customer was shown may be longer than a SKU's own name."""
MOST_TAGS = 100
MOST_EXTRAS = 100
PARTS = {
    **{name: name for name in ("name", "company", "line1", "line2", "city", "region", "phone")},
    "postal_code": "postalCode",
}

Path = tuple[str | int, ...]


def wrong_texts(order: Cart) -> list[OmsError]:
    """Return which texts of *order* are too long, and which of its lists."""
    errors = wrong_in(
        lambda: check_note(order.note, "note"),
        lambda: check_email(order.contact.email if order.contact else None, "contact", "email"),
    )
    errors.extend(too_long(_names(order), "A line's name", LONGEST_NAME))
    errors.extend(too_long(_texts(order), "This", LONGEST_CODE))
    errors.extend(
        TooManyItems(limit=most, given=given, field=tuple(map(str, path)))
        for path, given, most in _lengths(order)
        if given > most
    )
    return errors


def too_long(texts: Iterable[tuple[Path, str | None]], what: str, most: int) -> Iterator[OmsError]:
    """Yield which of *texts* have more than *most* characters, or cannot be stored."""
    problem = f"{what} has at most {most:,} characters, none of them NUL."
    for path, text in texts:
        if text is not None and (len(text) > most or "\0" in text):
            yield InvalidValue(problem=problem, field=tuple(map(str, path)))


def _names(order: Cart) -> Iterator[tuple[Path, str | None]]:
    yield from ((("lines", i, "name"), line.name) for i, line in enumerate(order.lines) if line.name is not None)


def _texts(order: Cart) -> Iterator[tuple[Path, str | None]]:
    yield from ((("tags", i), tag) for i, tag in enumerate(order.tags))
    yield from texts_of("contact", order.contact)
    yield from texts_of("shippingAddress", order.shipping_address)
    yield from texts_of("billingAddress", order.billing_address)
    if order.delivery_point is not None:
        yield from ((("deliveryPoint", name), getattr(order.delivery_point, name)) for name in ("code", "carrier", "name"))
    yield from _extras((), order.discounts, ())
    for i, charge in enumerate(order.shipping):
        yield ("shipping", i, "title"), charge.title
        yield ("shipping", i, "code"), charge.code
        yield from _extras(("shipping", i), (), charge.taxes)
    for i, line in enumerate(order.lines):
        if line.ship_group is not None:
            yield ("lines", i, "shipGroup"), line.ship_group
        if line.discounts or line.taxes:
            yield from _extras(("lines", i), line.discounts, line.taxes)


def texts_of(where: str, given: Address | Contact | None) -> Iterator[tuple[Path, str | None]]:
    """Yield the texts of an address or a contact, with their paths."""
    if given is not None:
        yield from (((where, shown), getattr(given, name, None)) for name, shown in PARTS.items())


def _extras(
    where: Path, discounts: tuple[DiscountGiven, ...], taxes: tuple[TaxGiven, ...]
) -> Iterator[tuple[Path, str | None]]:
    for i, discount in enumerate(discounts):
        yield (*where, "discounts", i, "label"), discount.label
        yield (*where, "discounts", i, "code"), discount.code
    for i, tax in enumerate(taxes):
        yield (*where, "taxes", i, "title"), tax.title


def _lengths(order: Cart) -> Iterator[tuple[Path, int, int]]:
    yield ("tags",), len(order.tags), MOST_TAGS
    yield ("discounts",), len(order.discounts), MOST_EXTRAS
    yield ("shipping",), len(order.shipping), MOST_EXTRAS
    yield from ((("shipping", i, "taxes"), len(charge.taxes), MOST_EXTRAS) for i, charge in enumerate(order.shipping))
    for i, line in enumerate(order.lines):
        if line.discounts or line.taxes:
            yield ("lines", i, "discounts"), len(line.discounts), MOST_EXTRAS
            yield ("lines", i, "taxes"), len(line.taxes), MOST_EXTRAS
