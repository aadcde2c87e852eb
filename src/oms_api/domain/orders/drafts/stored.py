"""Carts as JSON and back. Pure."""

from collections.abc import Iterator

import orjson

from oms_api.db.columns import Json
from oms_api.db.json_text import dump_json, read_as
from oms_api.domain.orders.given import MOST_LINES, Cart
from oms_api.domain.orders.texts import wrong_texts
from oms_api.kernel.errors import InvalidValue, OmsError, Refused, TooManyItems
from oms_api.kernel.naming import shown

Path = tuple[str, ...]


def check_cart(cart: Cart) -> Json:
    """Return *cart* as JSON. Raises: Refused, where it could not be kept."""
    errors: list[OmsError] = list(wrong_texts(cart))
    if len(cart.lines) > MOST_LINES:
        errors.append(TooManyItems(limit=MOST_LINES, given=len(cart.lines), field=("lines",)))
    stored: Json = orjson.loads(dump_json(cart))
    known = {error.field for error in errors}
    problem = "A text has no NUL in it."
    errors.extend(InvalidValue(problem=problem, field=path) for path in _nuls(stored) if path not in known)
    if errors:
        raise Refused(errors=errors)
    return stored


def cart_in(stored: Json) -> Cart:
    """Return the cart in its JSON."""
    return read_as(Cart, stored)


def _nuls(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the texts with a NUL in them, which JSON in PostgreSQL cannot hold."""
    if isinstance(value, str) and "\0" in value:
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _nuls(each, (*path, shown(str(key))))
