"""All errors of the domain, imported so that the schema knows every code."""

from oms_api.domain.events import errors as events
from oms_api.domain.inventory import errors as inventory
from oms_api.domain.orders import errors as orders
from oms_api.kernel import errors as kernel

AREAS = (kernel, events, inventory, orders)
