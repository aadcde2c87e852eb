"""Reading accounts, rates, services, labels, batches, manifests and scans. Accounts, rates and services are for all who may."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, any_, cast, or_, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, Several, by, of, one_for, pages_of, required
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.sql import Sql
from oms_api.db.statements import statement
from oms_api.domain.carriers.states import ScanOutcome
from oms_api.domain.carriers.tables import (
    CarrierAccountRow,
    CarrierRateRow,
    LabelBatchItemRow,
    LabelBatchRow,
    LabelRow,
    ManifestRow,
    ShippingServiceRow,
    TrackingEventRow,
    TrackingImportItemRow,
    TrackingImportRow,
)
from oms_api.domain.channels.queries import at_locations, visible_channels, visible_locations
from oms_api.domain.channels.states import Activity
from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.sourcing.tables import PostalZoneRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import (
    CarrierAccountId,
    ChannelId,
    FulfillmentOrderId,
    IdKind,
    LabelBatchId,
    LabelId,
    LocationId,
    ManifestId,
    PackageId,
    ReturnId,
    ShippingServiceId,
    TrackingImportId,
)
from oms_api.kernel.paging import LARGEST_PAGE

ACCOUNTS_BY_CODE = Ordering("code", (CarrierAccountRow.code, CarrierAccountRow.id))
RATES_BY_SERVICE = Ordering("id", (CarrierRateRow.id,))
SERVICES_BY_CODE = Ordering("code", (ShippingServiceRow.code, ShippingServiceRow.id))
NEWEST_LABELS = Ordering("requested_at_desc", (LabelRow.requested_at, LabelRow.id), descending=True)
OLDEST_LABELS = Ordering("requested_at_asc", (LabelRow.requested_at, LabelRow.id))
NEWEST_MANIFESTS = Ordering("created_at_desc", (ManifestRow.created_at, ManifestRow.id), descending=True)
NEWEST_BATCHES = Ordering("created_at_desc", (LabelBatchRow.created_at, LabelBatchRow.id), descending=True)
ITEMS_IN_ORDER = Ordering("position", (LabelBatchItemRow.position,))
SCANS_IN_ORDER = Ordering("occurred_at_asc", (TrackingEventRow.occurred_at, TrackingEventRow.id))
NEWEST_IMPORTS = Ordering("created_at_desc", (TrackingImportRow.created_at, TrackingImportRow.id), descending=True)
IMPORTED_IN_ORDER = Ordering("position", (TrackingImportItemRow.position,))
MANIFEST_ORDER = Ordering("id", (LabelRow.id,))


def labels_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    return [*visible_channels(sight, LabelRow.channel_id), *visible_locations(sight, LabelRow.location_id)]


manifests_visible_to = at_locations(ManifestRow.location_id)

accounts_by_id: One[CarrierAccountId, CarrierAccountRow] = by(CarrierAccountRow.id)
"""The accounts there are."""
account_by_id = required(accounts_by_id, "carrier account", IdKind.CARRIER_ACCOUNT)
"""An account. Raises: NotFound."""
accounts_by_code: One[str, CarrierAccountRow] = by(CarrierAccountRow.code)
"""The accounts there are, by their codes."""
rates_by_account: Several[CarrierAccountId, CarrierRateRow] = of(CarrierRateRow.account_id, order=RATES_BY_SERVICE)
"""All rates of each account, in the order in which they were given."""
pages_of_rates: Pages[CarrierAccountId, CarrierRateRow] = pages_of(CarrierRateRow.account_id, order=RATES_BY_SERVICE)
"""A page of the rates of each account."""
services_by_id: One[ShippingServiceId, ShippingServiceRow] = by(ShippingServiceRow.id)
"""The shipping services there are."""
labels_by_id: One[LabelId, LabelRow] = by(LabelRow.id, visible=labels_visible_to)
"""The labels that can be seen."""
label_by_id = required(labels_by_id, "label", IdKind.LABEL)
"""A label. Raises: NotFound, also for one outside the principal's limits."""
labels_by_package: Several[PackageId | None, LabelRow] = of(LabelRow.package_id, order=OLDEST_LABELS, first=LARGEST_PAGE)
"""The labels of each package, seen before, oldest first."""
labels_by_return: Several[ReturnId | None, LabelRow] = of(LabelRow.return_id, order=OLDEST_LABELS, first=LARGEST_PAGE)
"""The labels of each return, seen before, oldest first."""
batches_by_id: One[LabelBatchId, LabelBatchRow] = by(LabelBatchRow.id)
"""The batches there are; their labels are seen by who sees their packages."""
batch_by_id = required(batches_by_id, "label batch", IdKind.LABEL_BATCH)
"""A batch. Raises: NotFound."""


def _items_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    limits = [*visible_channels(sight, PackageRow.channel_id), *visible_locations(sight, PackageRow.location_id)]
    return [LabelBatchItemRow.package_id.in_(select(PackageRow.id).where(*limits))] if limits else []


pages_of_items: Pages[LabelBatchId, LabelBatchItemRow] = pages_of(
    LabelBatchItemRow.batch_id, order=ITEMS_IN_ORDER, visible=_items_visible_to
)
"""A page of the packages of each batch that can be seen, in their order."""
manifests_by_id: One[ManifestId, ManifestRow] = by(ManifestRow.id, visible=manifests_visible_to)
"""The manifests of locations that can be seen."""
pages_of_manifest: Pages[ManifestId | None, LabelRow] = pages_of(
    LabelRow.manifest_id, order=MANIFEST_ORDER, visible=labels_visible_to
)
"""A page of the labels on each manifest."""
scans_by_package: Several[PackageId, TrackingEventRow] = of(TrackingEventRow.package_id, order=SCANS_IN_ORDER)
"""What was told of each package, seen before, oldest first."""


def imports_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that an import is the client's own, unless all are seen."""
    return [] if sight.clients is None else [among(TrackingImportRow.client_id, sight.clients)]


def _refused(_sight: Sight) -> list[ColumnElement[bool]]:
    return [TrackingImportItemRow.outcome == ScanOutcome.REFUSED]


imports_by_id: One[TrackingImportId, TrackingImportRow] = by(TrackingImportRow.id, visible=imports_visible_to)
"""The imports of the client."""
import_by_id = required(imports_by_id, "tracking import", IdKind.TRACKING_IMPORT)
"""An import. Raises: NotFound."""
pages_of_imported: Pages[TrackingImportId, TrackingImportItemRow] = pages_of(
    TrackingImportItemRow.import_id, order=IMPORTED_IN_ORDER
)
"""A page of the events of each import, in their order."""
pages_of_refused: Pages[TrackingImportId, TrackingImportItemRow] = pages_of(
    TrackingImportItemRow.import_id, order=IMPORTED_IN_ORDER, visible=_refused
)
"""A page of those events of each import that were refused, in their order."""

zones_by_code: One[str, PostalZoneRow] = by(PostalZoneRow.code)
"""The postal zones that rates name, by their codes."""


@statement
def accounts_serving(location_id: LocationId) -> Select[CarrierAccountRow]:
    """The active accounts that serve a location, by code."""
    row = CarrierAccountRow
    serves = or_(row.location_ids.is_(None), cast(location_id, Uuid) == any_(row.location_ids))
    return select(row).where(row.status == Activity.ACTIVE, serves).order_by(row.code)


SHIPPING_CODE = """
(SELECT charge.code FROM order_shipping charge WHERE charge.order_id = orders.id AND charge.code IS NOT NULL
 ORDER BY charge.id LIMIT 1)
"""
"""The code of the first shipping charge of *orders* that has one: what its customer, or a rule, chose."""
shipping_codes: One[FulfillmentOrderId, Any] = one_for("work_id")(
    Sql(f"""
SELECT work.id AS work_id, {SHIPPING_CODE} AS code
FROM fulfillment_order work JOIN orders ON orders.id = work.order_id WHERE work.id = ANY (:work_id::uuid[])
""")  # noqa: S608 - our own part
)
"""The shipping code of each fulfillment order's order."""


@statement
def services_coded(code: str, channel_id: ChannelId) -> Select[ShippingServiceRow]:
    """The active shipping services with a code that are for a channel: its own first, then that of all."""
    row = ShippingServiceRow
    of_channel = or_(row.channel_id.is_(None), row.channel_id == channel_id)
    return select(row).where(row.code == code, row.status == Activity.ACTIVE, of_channel).order_by(row.channel_id.nulls_last())


async def service_of(read: Reader, code: str | None, channel_id: ChannelId) -> ShippingServiceRow | None:
    """Return the shipping service that a code leads to in a channel, or None."""
    found = await read.all(services_coded(code or "", channel_id))
    return found[0] if found else None
