"""Changing a package that has not left, and unpacking it."""

from typing import TypedDict

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.packing.choosing import MEASURES, Measures, box_for, measured, weights_of
from oms_api.domain.packing.queries import boxes_by_id, weights_by_work
from oms_api.domain.shipping.errors import PackageLabeled
from oms_api.domain.shipping.packages import PackageDocument
from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.shipping.verbs import UPDATE, VOID
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import BoxId, PackageId

UNSETTLED = Sql("""
SELECT id FROM label WHERE package_id = :package::uuid AND status IN ('REQUESTED', 'UNKNOWN', 'VOIDING')
""")
"""A label that may be bought, though the package does not show it yet."""


class PackageChanges(TypedDict, total=False):
    """What of a package is set anew."""

    box_id: BoxId | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    weight_g: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePackage:
    """Change the box, the sides or the weight of a package that waits; with another box what is not given follows from it."""

    idempotency_key: str
    package_id: PackageId
    changes: PackageChanges
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPackage:
    """Unpack a package that waits."""

    idempotency_key: str
    package_id: PackageId
    expected_version: int | None = None


async def update_package(tx: Tx, command: UpdatePackage) -> PackageRow:
    """Change a package that waits, and return it.

    Raises: NotFound, VersionConflict, PackageLabeled, PackageNotWaiting, BoxElsewhere, BoxNotInUse, TooHeavyForBox, Refused.
    """
    changes = command.changes
    async with changing_part(tx, PackageDocument, UPDATE, command.package_id, command.expected_version) as package:
        was = package.was
        key = changes.get("box_id", was.box_id)
        box = box_for(key, was.location_id, {} if key is None else await boxes_by_id(tx, [key]))
        kept = {} if key != was.box_id else {name: getattr(was, name) for name in MEASURES}
        given: Measures = {**kept, **{name: changes[name] for name in MEASURES if name in changes}}  # type: ignore[literal-required]
        units = {line.fulfillment_order_line_id: line.quantity for line in package.lines.values()}
        weights = weights_of(await weights_by_work.of_one(tx, was.fulfillment_order_id))
        package.row.box_id = key
        for name, value in measured(given, box, units, weights).items():
            setattr(package.row, name, value)
    return package.row


async def void_package(tx: Tx, command: VoidPackage) -> PackageRow:
    """Unpack a package that waits, and return it: its units can be packed again.

    Raises: NotFound, VersionConflict, PackageLabeled, PackageNotWaiting.
    """
    key, version = command.package_id, command.expected_version
    async with changing_part(tx, PackageDocument, VOID, key, version, UNSETTLED(package=key)) as package:
        if package.asked[0]:
            raise PackageLabeled(field=("packageId",))
        package.unpack()
        package.move()
    return package.row
