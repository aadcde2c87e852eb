"""What a supplier tells of the stock at its location: a feed whose rows name goods by our code or by its own."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.session import Reader, Tx
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.commands.sync import (
    MOST_COUNTED,
    CountedThen,
    SyncInventory,
    failures_of,
    feed_with_failures,
    sync_inventory,
)
from oms_api.domain.inventory.tables import InventorySyncRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.csv_text import check_cells, rows_of
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, wrong_in
from oms_api.kernel.ids import IdKind, LocationId, SkuId, SupplierId, SyncId, text_id
from oms_api.kernel.quantities import LARGEST_QUANTITY
from oms_api.workflows.deallocate import COVERS

NUMBER = re.compile("[0-9]{1,10}")
PATH_OF_CELL = 3
COLUMNS = ("sku", "supplierSku", "quantity")
SUPPLIED = Sql("""
SELECT code, array_agg(sku_id) FROM supplier_sku WHERE supplier_id = :supplier::uuid AND code = ANY (:codes::text[])
GROUP BY code
""")
NAME = Sql("SELECT code FROM supplier WHERE id = :supplier::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedUnits:
    """Units of one SKU, named by our code or by the supplier's own."""

    quantity: int
    sku: str | None = None
    supplier_sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStock:
    """What lay at a supplier's location as of a moment: *rows*, or the text of a CSV file with the same columns."""

    idempotency_key: str
    location_id: LocationId
    as_of: datetime
    rows: tuple[ReportedUnits, ...] | None = None
    csv: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedStock:
    """A feed that was taken, and why which of its rows were refused, by their place."""

    sync: InventorySyncRow
    errors: Mapping[int, OmsError]

    @property
    def id(self) -> SyncId:
        """The id of the feed's record."""
        return self.sync.id

    @classmethod
    def of(cls, sync: InventorySyncRow) -> "ReportedStock":
        """Return what became of the rows of a feed; here a code is a field of its row, and not of an input within."""
        errors = failures_of(sync)
        for error in errors.values():
            error.field = error.field[:PATH_OF_CELL]
        return cls(sync, errors)


async def report_stock(tx: Tx, command: ReportStock) -> ReportedStock:
    """Correct what is known of a supplier's location, each row by itself, as `sync_inventory` does.

    Raises: NotFound, for a location that is no supplier's, or another's than the caller's; InvalidValue, TooManyItems,
    AsOfInFuture.
    """
    rows = _rows(command)
    place, supplier = await _place(tx, command.location_id)
    codes = {
        row.supplier_sku for row in rows if isinstance(row, ReportedUnits) and row.supplier_sku and "\0" not in row.supplier_sku
    }
    supplied: Mapping[str, Sequence[SkuId]] = dict(await tx.fetch(SUPPLIED(supplier=supplier, codes=text_array(codes))))
    ((name,),) = await tx.fetch(NAME(supplier=supplier))
    counted = tuple(_counted(row, index, place.id, supplied) for index, row in enumerate(rows))
    done = await sync_inventory(tx, SyncInventory(as_of=command.as_of, source=name, rows=counted), COVERS)
    return ReportedStock.of(done.sync)


async def _place(tx: Tx, key: LocationId) -> tuple[LocationRow, SupplierId]:
    """Return the location, and its supplier. Raises: NotFound."""
    place = await locations_by_id.of_one(tx, key)
    if place is None or place.supplier_id is None or not tx.principal.sees_supplier(place.supplier_id):
        raise NotFound(what="location of this supplier", given=text_id(IdKind.LOCATION, key), field=("locationId",))
    return place, place.supplier_id


def _rows(command: ReportStock) -> Sequence[ReportedUnits | OmsError]:
    """Return what is told, a row that cannot be read as its error. Raises: InvalidValue, TooManyItems."""
    if (command.csv is None) == (command.rows is None):
        raise InvalidValue(problem="Give rows, or the text of a CSV file.", field=("rows",))
    if command.rows is not None:
        check_length(command.rows, "rows", MOST_COUNTED)
        return command.rows
    given = rows_of(command.csv or "", COLUMNS, ("quantity",), MOST_COUNTED)
    check_length(given, "csv", MOST_COUNTED)
    return [_read(row, index) for index, row in enumerate(given)]


def _read(row: Mapping[str, str], index: int) -> ReportedUnits | OmsError:
    quantity = row.get("quantity", "")
    if errors := wrong_in(lambda: check_cells(row)):
        return errors[0].at("rows", index)
    if NUMBER.fullmatch(quantity) is None:
        problem = f"'{quantity[:50]}' is no number of units: digits only."
        return InvalidValue(problem=problem).at("rows", index, "quantity")
    if int(quantity) > LARGEST_QUANTITY:
        return InvalidQuantity(given=LARGEST_QUANTITY + 1, least=0).at("rows", index, "quantity")
    return ReportedUnits(quantity=int(quantity), sku=row.get("sku") or None, supplier_sku=row.get("supplierSku") or None)


def _counted(
    row: ReportedUnits | OmsError, index: int, place: LocationId, supplied: Mapping[str, Sequence[SkuId]]
) -> CountedThen | OmsError:
    """Return what a row is about, or why nobody can know."""
    if isinstance(row, OmsError):
        return row
    match row.sku, row.supplier_sku:
        case str() as code, None:
            return CountedThen(SkuRef(code=code), place, row.quantity)
        case None, str() as code:
            found = supplied.get(code, ())
            if len(found) == 1:
                return CountedThen(SkuRef(id=found[0]), place, row.quantity)
            problem = f"{'No' if not found else 'More than one'} SKU has the code '{code[:50]}' of this supplier."
            return InvalidValue(problem=problem.replace("\0", "\\0")).at("rows", index, "supplierSku")
    return InvalidValue(problem="Name the goods by one of sku and supplierSku.").at("rows", index, "sku")


async def reported_before(read: Reader, key: SyncId) -> ReportedStock:
    """Return what became of the rows of a feed when it was taken. Raises: NoResultFound."""
    return ReportedStock.of(await read.one(feed_with_failures(key)))
