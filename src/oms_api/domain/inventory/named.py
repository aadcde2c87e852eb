"""The common part of stock documents before anything is decided: rows name levels, the header gives the reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sets import array, text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.inventory.errors import LevelTwice, NotStocked
from oms_api.domain.inventory.reasons import reason_in_use
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.tables import InventoryReasonRow
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, SkuId, text_id
from oms_api.kernel.naming import check_note, check_reference

MOST_ROWS = 1_000

SKUS = Sql("""
SELECT id, code, kind FROM sku WHERE id = ANY (:ids::uuid[])
UNION SELECT id, code, kind FROM sku WHERE code = ANY (:codes::text[])
""")
LOCATIONS = Sql("SELECT id FROM location WHERE id = ANY (:ids::uuid[])")


class NamesLevel(Protocol):
    """A row that names a level by its SKU and location."""

    @property
    def sku(self) -> SkuRef: ...  # noqa: D102
    @property
    def location_id(self) -> LocationId: ...  # noqa: D102


class CountsUnits(NamesLevel, Protocol):
    """A row that says how many units of that level it is about."""

    @property
    def quantity(self) -> int: ...  # noqa: D102


Row = TypeVar("Row", bound=CountsUnits)


class Explained(Protocol):
    """A command that says why stock is corrected."""

    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def reference(self) -> str | None: ...  # noqa: D102
    @property
    def note(self) -> str | None: ...  # noqa: D102
    @property
    def occurred_at(self) -> datetime | None: ...  # noqa: D102


async def explained(tx: Tx, command: Explained) -> tuple[InventoryReasonRow, dict[str, Any]]:
    """Return the reason of *command*, and what its document says of why and when, as columns.

    Raises: UnknownReason, MissingScope, InvalidValue.
    """
    occurred_at = tx.business_time(command.occurred_at)
    check_reference(command.reference, "reference")
    check_note(command.note, "note")
    reason = await reason_in_use(tx, command.reason)
    return reason, {
        "reason": reason.code,
        "reference": command.reference,
        "note": command.note,
        "actor": tx.actor,
        "occurred_at": occurred_at,
        "recorded_at": tx.now,
    }


async def levels_named(
    tx: Tx, rows: Sequence[NamesLevel], *alongside: Statement
) -> tuple[list[LevelKey | None], list[list[OmsError]]]:
    """Return the level that each of *rows* names, and all that is wrong with the names: one round trip.

    Errors are UnknownSku, NotFound (also for a location outside the caller's limits) and NotStocked.
    """
    references = {row.sku for row in rows}
    places = {row.location_id for row in rows}
    ids = array(ref.id for ref in references if ref.id is not None)
    codes = text_array(ref.code for ref in references if ref.code is not None and "\0" not in ref.code)
    *_, skus, locations = await tx.flush([*alongside, SKUS(ids=ids, codes=codes), LOCATIONS(ids=array(places))])
    found: dict[SkuRef, tuple[SkuId, str, SkuKind]] = {}
    for key, code, kind in skus:
        found[SkuRef(id=key)] = found[SkuRef(code=code)] = key, code, SkuKind(kind)
    seen = {key for (key,) in locations if tx.principal.sees_location(key)}
    keys: list[LevelKey | None] = []
    errors: list[list[OmsError]] = []
    for row in rows:
        known = found.get(row.sku)
        wrong: list[OmsError] = []
        if known is None:
            wrong.append(row.sku.unknown("sku"))
        elif not known[2].stocked:
            wrong.append(NotStocked(sku=known[1], kind=known[2], field=("sku",)))
        if row.location_id not in seen:
            given = text_id(IdKind.LOCATION, row.location_id)
            wrong.append(NotFound(what="location", given=given, field=("locationId",)))
        keys.append(None if known is None or wrong else (known[0], row.location_id))
        errors.append(wrong)
    return keys, errors


async def levels_named_once(tx: Tx, name: str, rows: Sequence[Row]) -> Mapping[LevelKey, tuple[int, Row]]:
    """Return the row of the list *name* for each level with its place, in key order.

    Raises: Refused with an error for each row that is wrong (UnknownSku, NotFound, NotStocked, InvalidValue, LevelTwice).
    """
    keys, wrong = await levels_named(tx, rows)
    errors: list[OmsError] = []
    named: dict[LevelKey, tuple[int, Row]] = {}
    for index, (row, key, found) in enumerate(zip(rows, keys, wrong, strict=True)):
        if (error := too_few(row.quantity, least=0)) is not None:
            found.append(error)
        if key is not None and key in named:
            found.append(LevelTwice(row=named[key][0]))
        errors.extend(error.at(name, index) for error in found)
        if key is not None:
            named.setdefault(key, (index, row))
    if errors:
        raise Refused(errors=errors)
    return {key: named[key] for key in in_key_order(named)}


def too_few(quantity: int, *, least: int) -> OmsError | None:
    """Return the error that *quantity* is less than *least*, or None."""
    if quantity >= least:
        return None
    if least > 0:
        return InvalidQuantity(given=quantity, field=("quantity",))
    return InvalidValue(problem="A quantity is zero or more.", field=("quantity",))
