"""Writing down what was changed of an order."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.domain.orders.changes.states import OrderChangeKind, OrderChangeStatus
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderChangeId

CHANGES = inserts(OrderChangeRow)


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies at a path from the order on, before and after."""

    path: str
    before: object
    after: object


def differences_of(path: str, before: object, after: object) -> list[Difference]:
    """Return what differs between two records of plain values, or one and none, part by part."""
    parts = [each if isinstance(each, dict) else {} for each in (before, after)]
    names = dict.fromkeys((*parts[0], *parts[1]))
    both = [(name, parts[0].get(name), parts[1].get(name)) for name in names]
    return [Difference(f"{path}.{name}", was, now) for name, was, now in both if was != now]


def keep_change(
    tx: Tx,
    change_id: OrderChangeId,
    order: OrderRow,
    kind: OrderChangeKind,
    differences: Sequence[Difference],
    personal: Sequence[Difference] = (),
    *,
    reason: str | None = None,
    note: str | None = None,
    at: datetime | None = None,
) -> OrderChangeRow:
    """Write that *order* is as it is because of a change made *at* a moment, in the last flush of *tx*; return the record."""
    return tx.put(
        CHANGES,
        id=change_id,
        order_id=order.id,
        channel_id=order.channel_id,
        kind=kind,
        status=OrderChangeStatus.APPLIED,
        reason=reason,
        note=note,
        actor=tx.actor,
        differences=list(map(asdict, differences)),
        personal_differences=list(map(asdict, personal)),
        order_version=order.version,
        version=1,
        occurred_at=at or tx.now,
        recorded_at=tx.now,
    )
