"""Alerts of packages, as clients read them, and asking for them."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from oms_api.domain.shipping.tables import PackageRow
from oms_api.domain.tracking.queries import NEWEST_ALERTS, OLDEST_ALERTS, alerts_by_id, alerts_by_package
from oms_api.domain.tracking.states import ShipmentAlertKind
from oms_api.domain.tracking.tables import ShipmentAlertRow
from oms_api.graphql.channels.types import Channel, Location
from oms_api.graphql.declared.asking import asks
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, input_type, output
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ShipmentAlertId

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
PackageType = Annotated["Package", strawberry.lazy("oms_api.graphql.packing.packages")]  # type: ignore[name-defined]  # noqa: F821
enum(ShipmentAlertKind)


@entity(alerts_by_id, Scope.SHIPPING_READ)
class ShipmentAlert(Node, Record[ShipmentAlertRow]):
    """A problem of a package, from its detection to its end."""

    id: ShipmentAlertId
    kind: ShipmentAlertKind
    """The kind of problem."""
    carrier: str | None
    """The carrier of the package when the alert was raised; null where it is not known."""
    raised_at: datetime
    """When the problem was detected."""
    resolved_at: datetime | None
    """When the problem was over, or the package had been watched for 90 days; null while the alert is open."""
    package: PackageType = leads_to(ShipmentAlertRow.package_id)
    """The package."""
    order: OrderType = leads_to(ShipmentAlertRow.order_id)
    """The order that the package belongs to."""
    channel: Channel = leads_to(ShipmentAlertRow.channel_id)
    """The channel of the order."""
    location: Location = leads_to(ShipmentAlertRow.location_id)
    """The location that packed the package."""


@output
class AlertsOfPackage(Record[PackageRow]):
    """The field of a package that shows what went wrong with it; `Package` inherits it."""

    alerts: list[ShipmentAlert] = many(alerts_by_package, ShipmentAlert)
    """The alerts about the package, oldest first, resolved alerts included."""


@enum
class ShipmentAlertOrder(Enum):
    """The sort order of a list of alerts."""

    RAISED_AT_DESC = NEWEST_ALERTS
    """The newest first."""
    RAISED_AT_ASC = OLDEST_ALERTS
    """The oldest first."""


@input_type
class ShipmentAlertFilterInput(Where):
    """Conditions on alerts of packages; all must be true."""

    open = asks(
        bool,
        lambda open_: ShipmentAlertRow.resolved_at.is_(None) if open_ else ShipmentAlertRow.resolved_at.is_not(None),
        default=True,
    )
    """True: only open alerts. False: only resolved ones. Null: both."""
    kind = on(ShipmentAlertRow.kind)
    """By kind of problem."""
    channel_id = on(ShipmentAlertRow.channel_id)
    """By the channel of the order."""
    location_id = on(ShipmentAlertRow.location_id)
    """By the location that packed the package."""
    carrier = on(ShipmentAlertRow.carrier)
    package_id = on(ShipmentAlertRow.package_id)
    order_id = on(ShipmentAlertRow.order_id)


ALERTS = Listing(
    show=ShipmentAlert,
    where=ShipmentAlertFilterInput,
    order=ShipmentAlertOrder,
    which="Conditions on alerts; by default all open alerts.",
)


@output
class ShipmentAlertQueries:
    """Asking for alerts of packages."""

    shipment_alerts = listed(ALERTS)
    """Packages that need attention: not scanned, without news, late, not delivered, on their way back or lost; the newest
    first."""
