"""Whether the location where units of a transfer come to can hold them."""

from collections.abc import Sequence

from oms_api.db.session import Tx
from oms_api.domain.inventory.capacity import levels_without_capacity
from oms_api.domain.inventory.errors import TooMuchStock
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.document import MOVES, TransferDocument
from oms_api.domain.inventory.transfers.units import TransferPiece
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import LocationId


async def check_capacity(tx: Tx, document: TransferDocument, pieces: Sequence[TransferPiece], location_id: LocationId) -> None:
    """Raises: Refused with TooMuchStock, for each level that is too full for *pieces*.

    An error names the row that told of the units, or without rows the transfer and the SKU.
    """
    coming: dict[LevelKey, int] = {}
    piece_by_level: dict[LevelKey, TransferPiece] = {}
    for piece in pieces:
        if piece.outcome in MOVES:
            key = document.lines[piece.line_id].sku_id, location_id
            coming[key] = coming.get(key, 0) + piece.quantity
            piece_by_level[key] = piece
    full = await levels_without_capacity(tx, coming)
    if full:
        raise Refused(errors=[_without_capacity(document, piece) for key, piece in piece_by_level.items() if key in full])


def _without_capacity(document: TransferDocument, piece: TransferPiece) -> OmsError:
    if piece.row is None:
        return TooMuchStock().of(document.lines[piece.line_id].sku_code).at("transferId")
    return TooMuchStock().at("lines", piece.row)
