"""Asking for boxes and packages."""

from enum import Enum

from oms_api.domain.packing.queries import BY_CODE
from oms_api.domain.packing.tables import BoxRow
from oms_api.domain.shipping.queries import FIRST_PACKED_FIRST, LAST_PACKED_FIRST
from oms_api.domain.shipping.tables import PackageRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.packing.boxes import Box
from oms_api.graphql.packing.packages import Package


@enum
class PackageOrder(Enum):
    """The sort order of a list of packages."""

    PACKED_AT_DESC = LAST_PACKED_FIRST
    """The newest first."""
    PACKED_AT_ASC = FIRST_PACKED_FIRST
    """The oldest first."""


@input_type
class BoxFilterInput(Where):
    """Conditions on boxes; all must be true."""

    location_id = on(BoxRow.location_id)
    code = on(BoxRow.code)
    status = on(BoxRow.status)


@input_type
class PackageFilterInput(Where):
    """Conditions on packages; all must be true."""

    status = on(PackageRow.status)
    """By status. Packages that have not left are DRAFT or LABEL_PURCHASED."""
    location_id = on(PackageRow.location_id)
    """By the location that packed the packages."""
    channel_id = on(PackageRow.channel_id)
    """By the channel of the order."""
    order_id = on(PackageRow.order_id)
    fulfillment_order_id = on(PackageRow.fulfillment_order_id)
    shipment_id = on(PackageRow.shipment_id)
    tracking_number = on(PackageRow.tracking_number, searched=True, sought=True)
    """By the tracking number."""
    packed_at = on(PackageRow.packed_at)
    """When the packages were packed."""


@one_of
class PackageByInput(By):
    """Identifies a package."""

    id = key(PackageRow.id)


BOXES = Listing(show=Box, where=BoxFilterInput, order=BY_CODE, which="Conditions on boxes; by default, all boxes are included.")
PACKAGES = Listing(show=Package, where=PackageFilterInput, order=PackageOrder, by=PackageByInput)


@output
class PackingQueries:
    """Asking for boxes and packages."""

    boxes = listed(BOXES)
    """The boxes of locations, by location and code."""
    packages = listed(PACKAGES)
    """A list of packages, the newest first by default."""
    package = found(PACKAGES, "Its id.")
    """One package; null where there is none that the API key may see."""
