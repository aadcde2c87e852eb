"""Freeing the external reference of a canceled order, so that another order of its channel can have it."""

from dataclasses import dataclass

from oms_api.db.records import Shape, changed, changed_on
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.orders.events import OrderReferenceFreed
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.verbs import FREE_REFERENCE, LIFE, OrderFacts
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, OrderId, text_id
from oms_api.kernel.naming import check_version

ORDERS = Shape(OrderRow)
LOCK = Sql(f"SELECT {ORDERS.columns} FROM orders WHERE id = :order::uuid FOR UPDATE")  # noqa: S608 - our own columns
FREED = updates(OrderRow, "external_ref", "freed_external_ref", "version", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeReference:
    """Let a canceled order give its external reference up."""

    idempotency_key: str
    order_id: OrderId
    expected_version: int | None = None


async def free_reference(tx: Tx, command: FreeReference) -> OrderRow:
    """Free the external reference of a canceled order, and return the order.

    Raises: NotFound, VersionConflict, OrderNotCanceled, NoExternalRef.
    """
    rows = await tx.fetch(LOCK(order=command.order_id))
    was = ORDERS.record(rows[0]) if rows else None
    if was is None or not tx.principal.sees_channel(was.channel_id):
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    check_version(command.expected_version, was.version)
    refuse_if(LIFE.why_not(FREE_REFERENCE, was.status, OrderFacts(was.status, (), was.external_ref)))
    freed = {"external_ref": None, "freed_external_ref": was.external_ref}
    order = changed(was, **freed, version=was.version + 1, **changed_on(was, tx.now))
    tx.write(FREED, [order])
    tx.emit(
        OrderReferenceFreed(
            subject_id=order.id,
            order_id=order.id,
            channel_id=order.channel_id,
            changes={"externalRef": (was.external_ref, None), "freedExternalRef": (None, was.external_ref)},
            occurred_at=tx.now,
        )
    )
    return order
