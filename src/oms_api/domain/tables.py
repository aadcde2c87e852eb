"""All tables, so that metadata is complete wherever this is imported."""

from oms_api.db import outbox
from oms_api.db.columns import Base
from oms_api.domain.access import tables as access
from oms_api.domain.analytics import tables as analytics
from oms_api.domain.attributes import tables as attributes
from oms_api.domain.carriers import tables as carriers
from oms_api.domain.catalog import tables as catalog
from oms_api.domain.channels import tables as channels
from oms_api.domain.customers import tables as customers
from oms_api.domain.documents import tables as documents
from oms_api.domain.fulfillment import tables as fulfillment
from oms_api.domain.fulfillment.backorders import tables as backorders
from oms_api.domain.fulfillment.rejections import tables as rejections
from oms_api.domain.fulfillment.requests import tables as requests
from oms_api.domain.intake import tables as intake
from oms_api.domain.inventory import tables as inventory
from oms_api.domain.inventory.counts import tables as counts
from oms_api.domain.inventory.lots import tables as lots
from oms_api.domain.inventory.reservations import tables as reservations
from oms_api.domain.inventory.transfers import tables as transfers
from oms_api.domain.orders import tables as orders
from oms_api.domain.orders.changes import tables as order_changes
from oms_api.domain.orders.drafts import tables as order_drafts
from oms_api.domain.orders.holds import tables as order_holds
from oms_api.domain.orders.notes import tables as order_notes
from oms_api.domain.orders.reasons import tables as order_reasons
from oms_api.domain.packing import tables as packing
from oms_api.domain.payments import tables as payments
from oms_api.domain.picking import tables as picking
from oms_api.domain.pickups import tables as pickups
from oms_api.domain.planning import tables as planning
from oms_api.domain.purchasing import tables as purchasing
from oms_api.domain.returns import tables as returns
from oms_api.domain.rules import tables as rules
from oms_api.domain.shipping import tables as shipping
from oms_api.domain.sourcing import tables as sourcing
from oms_api.domain.tracking import tables as tracking

METADATA = Base.metadata
AREAS = (
    outbox,
    access,
    attributes,
    documents,
    catalog,
    channels,
    customers,
    inventory,
    lots,
    reservations,
    transfers,
    counts,
    purchasing,
    payments,
    orders,
    order_changes,
    order_drafts,
    order_notes,
    order_reasons,
    order_holds,
    rules,
    sourcing,
    intake,
    fulfillment,
    backorders,
    rejections,
    requests,
    packing,
    shipping,
    picking,
    pickups,
    returns,
    carriers,
    tracking,
    planning,
    analytics,
)
