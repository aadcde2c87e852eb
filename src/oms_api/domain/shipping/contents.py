"""The contents of packages."""

from collections.abc import Iterable
from uuid import UUID

from oms_api.db.rows import Row
from oms_api.domain.fulfillment.units import Promise
from oms_api.kernel.ids import FulfillmentOrderLineId, PackageId


def content(key: UUID, package: PackageId, promise: Promise, units: int) -> Row:
    """Return the row of units of a promise that are in a package."""
    return {
        "id": key,
        "package_id": package,
        "fulfillment_order_line_id": promise.work_line_id,
        "line_id": promise.line_id,
        "quantity": units,
    }


def units_of(contents: Iterable[tuple[Promise, int]]) -> dict[FulfillmentOrderLineId, int]:
    """Return the units of each line of a fulfillment order in a package."""
    return {promise.work_line_id: units for promise, units in contents if promise.work_line_id is not None}
