"""Whether the location where units of a transfer come to can hold them."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.inventory.errors import TooMuchStock
from oms_api.domain.inventory.room import levels_without_room
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.document import MOVES, Piece, TransferDocument
from oms_api.kernel.errors import Refused


async def check_room(tx: Tx, document: TransferDocument, pieces: Sequence[Piece], location_id: UUID) -> None:
    """Raises: Refused with TooMuchStock, for each level that is too full for *pieces*.

    An error names the row that told of the units, or without rows the code of the SKU.
    """
    coming: dict[LevelKey, int] = {}
    names: dict[LevelKey, str | int] = {}
    for piece in pieces:
        if piece.outcome in MOVES:
            line = document.lines[piece.line_id]
            key = line.sku_id, location_id
            coming[key] = coming.get(key, 0) + piece.quantity
            names[key] = line.sku_code if piece.row is None else piece.row
    full = await levels_without_room(tx, coming)
    if full:
        raise Refused(errors=[TooMuchStock().at("lines", name) for key, name in names.items() if key in full])
