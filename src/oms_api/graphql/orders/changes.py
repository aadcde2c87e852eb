"""What was changed of an order, as clients read it."""

from datetime import datetime
from typing import Any

from oms_api.db.json_text import dump_json
from oms_api.domain.orders.changes.queries import changes_by_id, pages_of_changes
from oms_api.domain.orders.changes.states import OrderChangeKind, OrderChangeStatus
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.domain.orders.changes.verbs import LIFE
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderType
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderChangeId

enum(OrderChangeKind)
enum(OrderChangeStatus)


@output
class OrderDifference:
    """One field of an order that a change altered."""

    path: str
    """The path of the field in the schema, starting at the order, such as `contact.email`."""
    before: str | None
    """The value before the change, as text or, for a list, as JSON; null for none."""
    after: str | None
    """The value after the change, as text or, for a list, as JSON; null for none."""


def _differences(stored: list[Any]) -> list[OrderDifference]:
    return [OrderDifference(path=each["path"], before=_text(each["before"]), after=_text(each["after"])) for each in stored]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return dump_json(value).decode() if isinstance(value, list | dict | bool) else str(value)


@entity(changes_by_id, Scope.ORDERS_READ)
class OrderChange(Node, Record[OrderChangeRow]):
    """A change of an order after it was placed: who made it, why, and the differences."""

    id: OrderChangeId
    kind: OrderChangeKind
    """The kind of change: UPDATE of details, or EDIT of lines, prices, discounts or shipping."""
    status: OrderChangeStatus
    """The state of the change: requested, applied or declined."""
    reason: str | None
    """Why the change was made."""
    note: str | None
    """A remark on it."""
    actor: str
    """Who made it."""
    order_version: int
    """The version of the order after the change; for a proposed change, the version that it is based on."""
    decided_by: str | None
    """Who applied or declined a proposed change; null where there is no decision."""
    decided_at: datetime | None
    """When a proposed change was applied or declined; null where there is no decision."""
    decision_note: str | None
    """The remark on the decision to apply or decline it."""
    available_actions: list[AvailableAction] = made(
        lambda status: AvailableAction.of(LIFE.actions(status, None)), OrderChangeRow.status
    )
    """The actions on it, and whether each is allowed now."""
    occurred_at: datetime
    """When it was made or proposed; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    differences: list[OrderDifference] = made(_differences, OrderChangeRow.differences)
    """The differences that the change made, apart from personal data."""
    personal_differences: list[OrderDifference] = made(
        _differences, OrderChangeRow.personal_differences, scope=Scope.CUSTOMERS_READ
    )
    """The differences that the change made in personal data. Personal."""
    order: OrderType | None = leads_to(OrderChangeRow.order_id)
    """The order as it is now."""


@output
class ChangesOfOrder(Record[OrderRow]):
    """The field of an order that tells of its changes; `Order` inherits it."""

    changes: Connection[OrderChange] = pages(pages_of_changes, OrderChange)
    """Its changes after it was placed, oldest first: updates and edits, applied and proposed."""
