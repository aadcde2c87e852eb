"""All events of the domain, imported so that the schema knows every type."""

from oms_api.domain.events import events
from oms_api.domain.inventory import events as inventory
from oms_api.domain.inventory.transfers import events as transfers
from oms_api.domain.orders import events as orders
from oms_api.domain.payments import events as payments
from oms_api.domain.planning import events as planning
from oms_api.domain.returns import events as returns
from oms_api.domain.shipping import events as shipping

AREAS = (events, inventory, transfers, payments, orders, shipping, returns, planning)
