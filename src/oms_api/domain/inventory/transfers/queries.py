"""Reading transfers: whoever may see either end sees all of it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Pages, Relation, by, one_for, pages_of
from oms_api.db.sets import among
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.inventory.transfers.tables import TransferActLineRow, TransferActRow, TransferLineRow, TransferRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import IdKind, TransferActId, TransferId, TransferLineId

NEWEST_FIRST = Ordering("created_at_desc", (TransferRow.created_at, TransferRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (TransferRow.created_at, TransferRow.id))
LINE_ORDER = Ordering("position", (TransferLineRow.position, TransferLineRow.id))
ACT_ORDER = Ordering("occurred_at", (TransferActRow.occurred_at, TransferActRow.id))
ACT_LINE_ORDER = Ordering("line", (TransferActLineRow.id,))


@dataclass(frozen=True, slots=True)
class TransferSums:
    """The units of all lines of a transfer, by outcome."""

    quantity: int = 0
    sent: int = 0
    in_transit: int = 0
    arrived: int = 0
    damaged: int = 0
    lost: int = 0
    brought_back: int = 0
    called_off: int = 0

    @property
    def unsent(self) -> int:
        """Units still to be sent."""
        return self.quantity - self.called_off - self.sent


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees an end of a transfer."""
    here = sight.locations
    return [] if here is None else [or_(among(TransferRow.origin_id, here), among(TransferRow.destination_id, here))]


transfers_by_id: One[TransferId, TransferRow] = by(TransferRow.id, visible=visible_to)
"""The transfers of which the principal may see an end."""
transfer_lines_by_id: One[TransferLineId, TransferLineRow] = by(TransferLineRow.id)
"""Lines of transfers that were seen before."""
pages_of_transfer_lines: Pages[TransferId, TransferLineRow] = pages_of(TransferLineRow.transfer_id, order=LINE_ORDER)
"""A page of the lines of each transfer, in the order given."""
pages_of_acts: Pages[TransferId, TransferActRow] = pages_of(TransferActRow.transfer_id, order=ACT_ORDER)
"""A page of what was done with each transfer, oldest first."""
pages_of_act_lines: Pages[TransferActId, TransferActLineRow] = pages_of(TransferActLineRow.act_id, order=ACT_LINE_ORDER)
"""A page of the lines of each act, in the order of their making."""


@one_for("transfer_id")
def sums_by_transfer(transfers: Keys, _sight: Sight) -> Select[Any]:
    """The units of all lines of each transfer; the transfers themselves were seen before."""
    line = TransferLineRow
    units = (line.quantity, line.sent, line.in_transit, line.arrived, line.damaged, line.lost, line.brought_back)
    columns: list[Any] = [line.transfer_id, *[func.sum(column) for column in (*units, line.called_off)]]
    return select(*columns).where(among(line.transfer_id, transfers)).group_by(line.transfer_id)


totals_by_transfer: Relation[TransferId, TransferSums] = sums_by_transfer.turned(
    lambda sums: TransferSums(*sums[1:]) if sums else TransferSums()
)
"""What became of the units of all lines of each transfer."""

document_behind(
    CauseKind.TRANSFER_ACT_LINE,
    IdKind.TRANSFER,
    TransferActLineRow.id,
    TransferActRow.transfer_id,
    TransferActRow.id == TransferActLineRow.act_id,
)
