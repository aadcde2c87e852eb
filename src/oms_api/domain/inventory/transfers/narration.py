"""The events of transfers in words, for timelines."""

from sqlalchemy import select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.events.timeline import LINES, Happening, LineName, narrate
from oms_api.domain.inventory.transfers.events import (
    TransferCanceled,
    TransferChanged,
    TransferCreated,
    TransferReceived,
    TransferShipped,
)
from oms_api.domain.inventory.transfers.queries import transfers_by_id
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferLineRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import were


@one_for("id")
def names_of_lines(lines: Keys, _sight: Sight) -> Found:
    """Find the SKUs of lines, whose transfers were seen before."""
    found = select(TransferLineRow.id, SkuRow.code).join(SkuRow, SkuRow.id == TransferLineRow.sku_id)
    return found.where(among(TransferLineRow.id, lines))


def changed(it: Happening) -> str:
    """Say that a transfer is ready, or was changed."""
    return "It is ready to be sent." if it.now("status") == TransferStatus.READY_TO_SHIP else "It was changed."


def arrived(it: Happening) -> str:
    """Say what came, whole or damaged, and what was lost."""
    ends = {"arrived": "received", "damaged": "received damaged", "lost": "lost on the way"}
    parts = [f"{were(units)} {end}" for name, end in ends.items() if (units := it.units(name))]
    return f"{'; '.join(parts) or 'Units were received'}."


def canceled(it: Happening) -> str:
    """Say what is no longer to be sent, was brought back, or was lost."""
    ends = {"calledOff": "called off", "broughtBack": "brought back", "lost": "written off"}
    parts = [f"{were(units)} {end}" for name, end in ends.items() if (units := it.units(name))]
    return f"{'; '.join(parts) or 'It was canceled'}."


LINES[IdKind.TRANSFER_LINE] = names_of_lines.turned(lambda line: None if line is None else LineName(line.code))

narrate(TransferCreated, lambda it: f"Transfer {it.record.number} was created.", behind=transfers_by_id)
narrate(TransferChanged, changed)
narrate(TransferShipped, lambda it: f"{were(it.units('sent'))} sent.")
narrate(TransferReceived, arrived)
narrate(TransferCanceled, canceled)
