"""How far each reaction has followed the feed, moved in the transaction of what it did."""

from collections.abc import Collection, Sequence

from oms_api.db.outbox import FeedEvent
from oms_api.db.session import Reader, Tx
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.domain.events.queries import events_between
from oms_api.kernel.dataclass import dataclass

STRIDE = 20_000
"""How many positions one piece walks over at most, whatever lies there."""

BEGIN = Sql("INSERT INTO follower (name, position) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING")
LOCK = Sql("SELECT position FROM follower WHERE name = :name FOR UPDATE")
NEXT = Sql(f"""
SELECT follower.position, head.position, found.count, found.last
FROM follower CROSS JOIN feed_head head CROSS JOIN LATERAL (
    SELECT count(*), max(position) AS last FROM (
        SELECT feed.position FROM feed
        WHERE feed.position > follower.position AND feed.position <= least(follower.position + {STRIDE}, head.position)
          AND feed.type = ANY (:types::text[])
        ORDER BY feed.position LIMIT :most
    ) AS first
) AS found
WHERE follower.name = :name
""")  # noqa: S608 - our own number
ADVANCE = Sql(
    "UPDATE follower SET position = :position, failures = 0, failing_since = NULL, last_error = NULL WHERE name = :name"
)
FAILED = Sql("""
INSERT INTO follower (name, position, failures, failing_since, last_error) VALUES (:name, 0, 1, :now, :error)
ON CONFLICT (name) DO UPDATE SET failures = follower.failures + 1, last_error = excluded.last_error,
                                 failing_since = coalesce(follower.failing_since, excluded.failing_since)
""")
LAGGING = Sql("""
SELECT wanted.name FROM unnest(:names::text[]) AS wanted (name)
LEFT JOIN follower ON follower.name = wanted.name, feed_head head
WHERE coalesce(follower.position, 0) < head.position ORDER BY wanted.name
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a reaction works through in one transaction: the events of its types beyond *after*, up to *through*."""

    types: frozenset[str]
    after: int
    through: int
    count: int
    head: int

    @property
    def last(self) -> bool:
        """Whether the feed ended here when the piece was taken."""
        return self.through >= self.head

    async def events(self, read: Reader) -> Sequence[FeedEvent]:
        """Return the events, in order."""
        return await events_between(read, self.after + 1, self.through, self.types)


async def take_piece(tx: Tx, name: str, types: frozenset[str], most: int) -> Piece:
    """Return the next piece of the reaction *name*, of *most* events at most; nobody else gets it before *tx* ends.

    A new reaction begins with the first event of all.
    """
    wanted = NEXT(name=name, types=text_array(sorted(types)), most=most)
    *_, ((after, head, count, last),) = await tx.flush([BEGIN(name=name), LOCK(name=name), wanted])
    through = last if count == most else max(min(after + STRIDE, head), after)
    return Piece(types=types, after=after, through=through, count=count, head=head)


def pass_piece(tx: Tx, name: str, piece: Piece) -> None:
    """Move the checkpoint of the reaction *name* behind *piece* when *tx* commits, with everything that is done in it."""
    if piece.through > piece.after:
        tx.closing.append(ADVANCE(name=name, position=piece.through))


@dataclass(frozen=True, slots=True)
class Failure:
    """A piece that the reaction *name* could not work through, and why."""

    name: str
    error: str


async def note_failure(tx: Tx, failure: Failure) -> None:
    """Keep in mind that a reaction failed, until it gets further; what it had done of the piece was taken back."""
    tx.closing.append(FAILED(name=failure.name, now=tx.now, error=failure.error))


async def lagging(tx: Tx, names: Collection[str]) -> list[str]:
    """Return those of the reactions *names* that have not reached the end of the feed."""
    return [name for (name,) in await tx.fetch(LAGGING(names=text_array(sorted(names))))]
