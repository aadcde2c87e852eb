"""What is asked of an edit, and what came of it."""

from collections.abc import Sequence
from datetime import date, datetime

from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.domain.orders.changes.wanted import Change
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.balance import Balance
from oms_api.domain.payments.tables import RefundRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId, OrderChangeId, OrderId
from oms_api.workflows.cancel_order import RefundWithCancel


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOrder:
    """Change what was agreed of an order, all of *changes* or nothing, and grant the refund asked for."""

    order_id: OrderId
    changes: tuple[Change, ...]
    idempotency_key: str = ""
    expected_version: int | None = None
    reason: str | None = None
    note: str | None = None
    refund: RefundWithCancel | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A line after an edit that touched it; *before* is None for a new one.

    *promised* are the units that the edit took from stock, *waiting* those it lets wait, with the days promised for them.
    """

    id: LineId
    sku_code: str | None
    name: str
    before: LineUnits | None
    after: LineUnits
    promised: int = 0
    waiting: int = 0
    ships_on: date | None = None
    arrives_on: date | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """An order after an edit, with the record of it, the lines that it touched, how its money stands and the refund granted.

    A replay gives order and refund as they are now, and no lines.
    """

    id: OrderChangeId
    order: OrderRow
    change: OrderChangeRow | None
    lines: Sequence[EditedLine] = ()
    balance: Balance | None = None
    refund: RefundRow | None = None
