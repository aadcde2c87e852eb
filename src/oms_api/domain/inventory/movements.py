"""The one text by which movements come into the ledger: every statement that moves units holds it."""

from oms_api.db.rows import inserts
from oms_api.domain.inventory.tables import StockMovementRow

OUTSIDE = inserts(StockMovementRow)
"""Records movements that touch no level, such as losses in transit."""
COLUMNS = StockMovementRow.__table__.columns
NEEDED = {column.name for column in COLUMNS if not column.nullable} - {"id"}


def recorded(rows: str, **values: str) -> str:
    """Return the SQL that records a movement for each of *rows*, with *values* in SQL by column; columns not named are null.

    The statement around it has the parameters ``:actor`` and ``:now``. Raises: TypeError, where a column lacks or is unknown.
    """
    given = values | {"actor": ":actor", "recorded_at": ":now"}
    if wrong := (NEEDED - given.keys()) | (given.keys() - COLUMNS.keys()):
        raise TypeError(f"a movement lacks, or does not know, {', '.join(sorted(wrong))}")
    return f"INSERT INTO stock_movement ({', '.join(given)}) SELECT {', '.join(given.values())} FROM {rows}"  # noqa: S608 - our own columns
