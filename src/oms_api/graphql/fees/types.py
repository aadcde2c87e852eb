"""Fees, as clients read them."""

from datetime import datetime

from oms_api.domain.payments.queries import fees_by_id
from oms_api.domain.payments.states import FeeKind
from oms_api.domain.payments.tables import FeeRow
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, entity, money
from oms_api.graphql.described import enum
from oms_api.graphql.fulfillment.types import OrderType
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.refunds.types import ReturnType
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FeeId

enum(FeeKind)


@entity(fees_by_id, Scope.PAYMENTS_READ)
class Fee(Node, Record[FeeRow]):
    """A fee that is kept of an order's money, such as for restocking: it is due until it is waived."""

    id: FeeId
    kind: FeeKind
    """What it is kept for."""
    amount: Money = money(FeeRow.amount_minor, FeeRow.currency)
    """How much, with its tax."""
    tax: Money = money(FeeRow.tax_minor, FeeRow.currency)
    """The tax in it."""
    note: str | None
    """A remark on it."""
    waive_note: str | None
    """What was remarked when it was waived."""
    actor: str
    """Who charged it."""
    charged_at: datetime
    """Since when it is due, by the business's clock."""
    waived_at: datetime | None
    """Since when it is not due any more."""
    recorded_at: datetime
    """When it was recorded here."""
    order: OrderType = leads_to(FeeRow.order_id)
    """The order of whose money it is kept."""
    return_: ReturnType | None = leads_to(FeeRow.return_id)
    """The return it is for, if for one."""
