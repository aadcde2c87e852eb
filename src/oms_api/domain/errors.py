"""All errors of the domain, imported so that the schema knows every code."""

from oms_api.domain.access import errors as access
from oms_api.domain.analytics import errors as analytics
from oms_api.domain.attributes import errors as attributes
from oms_api.domain.carriers import errors as carriers
from oms_api.domain.catalog import errors as catalog
from oms_api.domain.channels import errors as channels
from oms_api.domain.customers import errors as customers
from oms_api.domain.documents import errors as documents
from oms_api.domain.events import errors as events
from oms_api.domain.fulfillment import errors as fulfillment
from oms_api.domain.fulfillment.requests import errors as requests
from oms_api.domain.intake import errors as intake
from oms_api.domain.inventory import errors as inventory
from oms_api.domain.inventory.counts import errors as counts
from oms_api.domain.inventory.lots import errors as lots
from oms_api.domain.inventory.reservations import errors as reservations
from oms_api.domain.inventory.transfers import errors as transfers
from oms_api.domain.orders import errors as orders
from oms_api.domain.orders.changes import errors as order_changes
from oms_api.domain.orders.drafts import errors as order_drafts
from oms_api.domain.orders.holds import errors as order_holds
from oms_api.domain.orders.reasons import errors as order_reasons
from oms_api.domain.packing import errors as packing
from oms_api.domain.parcels import port as parcels
from oms_api.domain.payments import errors as payments
from oms_api.domain.picking import errors as picking
from oms_api.domain.pickups import errors as pickups
from oms_api.domain.planning import errors as planning
from oms_api.domain.purchasing import errors as purchasing
from oms_api.domain.returns import errors as returns
from oms_api.domain.rules import errors as rules
from oms_api.domain.shipping import errors as shipping
from oms_api.domain.sourcing import errors as sourcing
from oms_api.kernel import errors as kernel
from oms_api.kernel import links, money, paging

AREAS = (
    kernel,
    money,
    paging,
    links,
    access,
    attributes,
    events,
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
    order_drafts,
    intake,
    order_reasons,
    order_holds,
    order_changes,
    rules,
    sourcing,
    fulfillment,
    requests,
    packing,
    shipping,
    picking,
    pickups,
    returns,
    parcels,
    carriers,
    planning,
    analytics,
)
