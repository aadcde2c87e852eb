"""The one text by which movements come into the ledger: every statement that moves units holds it."""

from oms_api.db.rows import inserting, inserts
from oms_api.domain.inventory.tables import StockMovementRow

OUTSIDE = inserts(StockMovementRow)
"""Records movements that touch no level, such as losses in transit."""


def recorded(rows: str, **values: str) -> str:
    """Return the SQL that records a movement for each of *rows*, with *values* in SQL by column; columns not named are null.

    The statement around it has the parameters ``:actor`` and ``:now``. Raises: TypeError, where a column lacks or is unknown.
    """
    return inserting(StockMovementRow, rows, **values, actor=":actor", recorded_at=":now")
