"""Saying where goods lie at a location."""

from collections.abc import Mapping

from oms_api.db.rows import upserts
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.picking.events import BinsSet
from oms_api.domain.picking.policies import LONGEST_BIN, MOST_LINES
from oms_api.domain.picking.tables import BinPlacementRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, SkuId, text_id

PLACED = upserts(BinPlacementRow, "bin", on=("sku_id", "location_id"))
REMOVED = Sql("DELETE FROM bin_placement WHERE location_id = :place::uuid AND sku_id = ANY (:skus::uuid[])")


@dataclass(frozen=True, slots=True, kw_only=True)
class BinGiven:
    """The bin of a SKU, None for none."""

    sku: SkuRef
    bin: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBins:
    """The bins of SKUs at a location; other SKUs keep theirs."""

    idempotency_key: str
    location_id: LocationId
    bins: tuple[BinGiven, ...]


async def set_bins(tx: Tx, command: SetBins) -> LocationRow:
    """Say where SKUs lie at a location, and return the location. Raises: NotFound, InvalidValue, TooManyItems, Refused."""
    check_length(command.bins, "bins", MOST_LINES)
    place = await locations_by_id.of_one(tx, command.location_id)
    if place is None:
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, command.location_id), field=("locationId",))
    named = await _named(tx, command)
    tx.write(PLACED, [{"sku_id": sku, "location_id": place.id, "bin": bin_} for sku, bin_ in sorted(named.items()) if bin_])
    if gone := sorted(sku for sku, bin_ in named.items() if bin_ is None):
        tx.closing.append(REMOVED(place=place.id, skus=array(gone)))
    tx.emit(BinsSet(subject_id=place.id, location_ids=(place.id,)))
    return place


async def _named(tx: Tx, command: SetBins) -> Mapping[SkuId, str | None]:
    """Return the bins by SKU. Raises: Refused."""
    skus = await skus_by_reference(tx, [each.sku for each in command.bins])
    named: dict[SkuId, str | None] = {}
    errors: list[OmsError] = []
    for at, each in enumerate(command.bins):
        sku, name = skus.get(each.sku), each.bin
        if sku is None:
            errors.append(each.sku.unknown("bins", at, "sku"))
        elif sku.id in named:
            errors.append(LineTwice().at("bins", at, "sku"))
        elif name is not None and (not 0 < len(name) <= LONGEST_BIN or name != name.strip() or not name.isprintable()):
            problem = f"A bin has 1 to {LONGEST_BIN} characters, no blanks around them and nothing unprintable; null for none."
            errors.append(InvalidValue(problem=problem, field=("bins", str(at), "bin")))
        else:
            named[sku.id] = name
    if errors:
        raise Refused(errors=errors)
    return named
