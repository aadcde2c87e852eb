"""Invariants of what every transaction leaves behind: the feed, its stage, what follows it, and keys carried out."""

from collections.abc import Iterable
from itertools import starmap

from oms_api.db.idempotency import MADE


def _nothing_made(column: str, mutations: Iterable[str]) -> str:
    """Return the part of a CASE that holds for a record of *mutations* whose result is not in *column*."""
    names, table = ", ".join(f"'{name}'" for name in mutations), column.partition(".")[0]
    return f"WHEN record.mutation IN ({names}) THEN NOT EXISTS (SELECT FROM {table} WHERE {column} = record.result_id)"


INVARIANTS = {
    "the feed has no gaps and ends at its head": """
        SELECT format('the head is at %s, %s events up to position %s', head.position, count(feed.position),
                      coalesce(max(feed.position), 0))
        FROM feed_head head LEFT JOIN feed ON true GROUP BY head.one, head.position
        HAVING count(feed.position) <> head.position OR coalesce(max(feed.position), 0) <> head.position
    """,
    "no event waits for the relay": """
        SELECT format('event %s waits since %s', id, recorded_at) FROM outbox_stage
        WHERE recorded_at < clock_timestamp() - interval '1 minute'
    """,
    "no reaction fails again and again": """
        SELECT format('reaction %s stays at event %s of %s: it failed %s times since %s, on %s', follower.name,
                      follower.position, head.position, follower.failures, follower.failing_since, follower.last_error)
        FROM follower, feed_head head
        WHERE follower.failures > 0 AND follower.failing_since < clock_timestamp() - interval '1 minute'
    """,
    "keys point to what they made": f"""
        SELECT format('key %s of %s points to %s, which does not exist', record.key, record.mutation, record.result_id)
        FROM idempotency record
        WHERE CASE {" ".join(starmap(_nothing_made, MADE.items()))} ELSE true END
    """,  # noqa: S608 - our own names
}
