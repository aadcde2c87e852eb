"""Saying how many days of cover the articles of a class may have."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.domain.planning.events import StockBandChanged
from oms_api.domain.planning.queries import bands
from oms_api.domain.planning.states import AbcClass
from oms_api.domain.planning.tables import StockBandRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.naming import check_version

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Band:
    """The band of one class."""

    abc: AbcClass
    most_days: int
    dead_after_days: int
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class SetBands:
    """New bands; classes that are left out keep their bands."""

    bands: tuple[Band, ...]


@statement
def locked_bands() -> Select[StockBandRow]:
    """Every band, locked."""
    return select(StockBandRow).order_by(StockBandRow.abc).with_for_update()


async def set_bands(tx: Tx, command: SetBands) -> Sequence[StockBandRow]:
    """Change bands and return all of them.

    Raises: Refused, with all that is wrong, VersionConflict among it; LimitedKey, for a key that sees some
    locations only: bands are for all of them.
    """
    tx.principal.check_unlimited("locations")
    errors: list[OmsError] = []
    for index, band in enumerate(command.bands):
        for name, days in (("mostDays", band.most_days), ("deadAfterDays", band.dead_after_days)):
            if not 0 < days <= MOST_DAYS:
                errors.append(InvalidValue(problem=f"{name} is between 1 and {MOST_DAYS:,}.").at("bands", index, name))
    if errors:
        raise Refused(errors=errors)
    known = {before.abc: before for before in await tx.all(locked_bands())}
    for index, band in enumerate(command.bands):
        try:
            check_version(band.expected_version, known[band.abc].version)
        except OmsError as error:
            errors.append(error.at("bands", index))
    if errors:
        raise Refused(errors=errors)
    for band in {band.abc: band for band in command.bands}.values():
        await _set(tx, known[band.abc], band)
    return await bands(tx)


async def _set(tx: Tx, before: StockBandRow, band: Band) -> None:
    """Change one band, if it is another, and tell of it."""
    differences = {
        "mostDays": (before.most_days, band.most_days),
        "deadAfterDays": (before.dead_after_days, band.dead_after_days),
    }
    moved = {name: days for name, days in differences.items() if days[0] != days[1]}
    if moved:
        values = {"most_days": band.most_days, "dead_after_days": band.dead_after_days}
        await tx.updated(StockBandRow, {"abc": before.abc, **values, "version": before.version + 1, "updated_at": tx.now})
        tx.emit(StockBandChanged(subject_id=before.id, changes=moved))
