"""All events of the domain, imported so that the schema knows every type."""

from oms_api.domain.attributes import events as attributes
from oms_api.domain.carriers import events as carriers
from oms_api.domain.documents import events as documents
from oms_api.domain.events import events
from oms_api.domain.fulfillment import events as fulfillment
from oms_api.domain.fulfillment.backorders import events as backorders
from oms_api.domain.fulfillment.requests import events as requests
from oms_api.domain.intake import events as intake
from oms_api.domain.inventory import events as inventory
from oms_api.domain.inventory.counts import events as counts
from oms_api.domain.inventory.lots import events as lots
from oms_api.domain.inventory.reservations import events as reservations
from oms_api.domain.inventory.transfers import events as transfers
from oms_api.domain.orders import events as orders
from oms_api.domain.orders.changes import events as order_changes
from oms_api.domain.orders.drafts import events as order_drafts
from oms_api.domain.orders.reasons import events as order_reasons
from oms_api.domain.packing import events as packing
from oms_api.domain.payments import events as payments
from oms_api.domain.picking import events as picking
from oms_api.domain.pickups import events as pickups
from oms_api.domain.planning import events as planning
from oms_api.domain.purchasing import events as purchasing
from oms_api.domain.returns import events as returns
from oms_api.domain.rules import events as rules
from oms_api.domain.shipping import events as shipping
from oms_api.domain.sourcing import events as sourcing
from oms_api.domain.tracking import events as tracking

AREAS = (
    events,
    attributes,
    documents,
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
    intake,
    order_reasons,
    rules,
    sourcing,
    fulfillment,
    backorders,
    requests,
    packing,
    shipping,
    picking,
    pickups,
    returns,
    carriers,
    tracking,
    planning,
)
