"""The events of all areas in words, for timelines: imported so that each is known."""

from oms_api.domain.carriers import telling as carriers
from oms_api.domain.fulfillment import telling as fulfillment
from oms_api.domain.fulfillment.backorders import telling as backorders
from oms_api.domain.fulfillment.holds import telling as holds
from oms_api.domain.fulfillment.requests import telling as requests
from oms_api.domain.inventory.transfers import telling as transfers
from oms_api.domain.orders import telling as orders
from oms_api.domain.payments import telling as payments
from oms_api.domain.picking import telling as picking
from oms_api.domain.pickups import telling as pickups
from oms_api.domain.purchasing import telling as purchasing
from oms_api.domain.returns import telling as returns
from oms_api.domain.rules import telling as rules
from oms_api.domain.shipping import telling as shipping
from oms_api.domain.tracking import telling as tracking

AREAS = (
    transfers,
    purchasing,
    payments,
    orders,
    fulfillment,
    backorders,
    holds,
    requests,
    rules,
    shipping,
    picking,
    pickups,
    returns,
    carriers,
    tracking,
)
