"""Absolute numbers of levels: by feeds, by counts and by hand. The last moment one is of supersedes all earlier ones."""

from collections.abc import Mapping
from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.states import NumberSource
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId
from oms_api.kernel.occurrence import text_time

LAST = "SELECT as_of, teller, source FROM inventory_feed WHERE level_id = level.id ORDER BY as_of DESC LIMIT 1"
"""Selects, for a row `level`, the last moment of which it got a number, and where that came from."""

RECORD = Sql("""
INSERT INTO inventory_feed (level_id, source, teller, as_of)
SELECT level_id, :source, :number_source, as_of FROM unnest(:levels::uuid[], :moments::timestamptz[]) AS given (level_id, as_of)
ORDER BY level_id
ON CONFLICT (level_id, source) DO UPDATE SET as_of = excluded.as_of, teller = excluded.teller
WHERE inventory_feed.as_of < excluded.as_of
""")
NO_SOURCE = ""
"""In place of a feed's source, which is never blank."""


@dataclass(frozen=True, slots=True)
class LastNumber:
    """The moment of a number, and where it came from; of a feed its source."""

    as_of: datetime
    number_source: NumberSource
    source: str

    @property
    def by(self) -> str:
        """Where it came from, in words."""
        return f"the feed '{self.source}'" if self.number_source is NumberSource.FEED else SAID[self.number_source]

    @property
    def time(self) -> str:
        """The moment, in words."""
        return text_time(self.as_of)


SAID = {NumberSource.COUNT: "a stock count", NumberSource.HAND: "hand"}


def record_numbers(tx: Tx, number_source: NumberSource, moments: Mapping[LevelId, datetime], source: str = NO_SOURCE) -> None:
    """Record of which moment the number of each level is, in the last flush of *tx*; the levels are locked before."""
    if moments:
        times = array(moment.isoformat() for moment in moments.values())
        tx.closing.append(RECORD(source=source, number_source=number_source, levels=array(moments), moments=times))
