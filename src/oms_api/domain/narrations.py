"""The events of all areas in words, for timelines: imported so that each is known."""

from oms_api.domain.carriers import narration as carriers
from oms_api.domain.fulfillment import narration as fulfillment
from oms_api.domain.fulfillment.backorders import narration as backorders
from oms_api.domain.fulfillment.holds import narration as holds
from oms_api.domain.fulfillment.requests import narration as requests
from oms_api.domain.inventory.transfers import narration as transfers
from oms_api.domain.orders import narration as orders
from oms_api.domain.payments import narration as payments
from oms_api.domain.picking import narration as picking
from oms_api.domain.pickups import narration as pickups
from oms_api.domain.purchasing import narration as purchasing
from oms_api.domain.returns import narration as returns
from oms_api.domain.rules import narration as rules
from oms_api.domain.shipping import narration as shipping
from oms_api.domain.tracking import narration as tracking

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
