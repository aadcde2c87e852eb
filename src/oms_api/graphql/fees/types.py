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
    """A fee charged to an order, such as for restocking: it is part of the amount due until it is waived."""

    id: FeeId
    kind: FeeKind
    """The purpose of the fee."""
    amount: Money = money(FeeRow.amount_minor, FeeRow.currency)
    """The amount, tax included."""
    tax: Money = money(FeeRow.tax_minor, FeeRow.currency)
    """The tax included."""
    note: str | None
    """A remark on it."""
    waive_note: str | None
    """The remark at the waiver."""
    actor: str
    """Who charged it."""
    charged_at: datetime
    """When it was charged; it may have been recorded later."""
    waived_at: datetime | None
    """When it was waived; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    order: OrderType = leads_to(FeeRow.order_id)
    """The order that it was charged to."""
    return_: ReturnType | None = leads_to(FeeRow.return_id)
    """The return it is for; null for none."""
