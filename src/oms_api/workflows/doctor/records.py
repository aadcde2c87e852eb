"""Invariants of what every transaction leaves behind: the feed, its stage, what follows it, and keys carried out."""

from itertools import starmap
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

import oms_api.domain.tables  # noqa: F401 - the areas declare there what their mutations come to
from oms_api.db.idempotency import RESULTS, results_in
from oms_api.db.outbox import JobRow

results_in(JobRow.id, "systemCheck", "jobCancel", "documentsCreate")


def _nothing_made(mutation: str, column: InstrumentedAttribute[Any]) -> str:
    """Return the part of a CASE that holds for a record of *mutation* whose result is not in *column*."""
    table, key = column.class_.__tablename__, column.key
    return f"WHEN '{mutation}' THEN NOT EXISTS (SELECT FROM {table} WHERE {table}.{key} = record.result_id)"


INVARIANTS = {
    "documents that became orders say so, and how often they were read": """
        SELECT format('order intake %s is %s after %s attempts: %s are kept, of which %s placed an order', intake.id,
                      intake.status, intake.attempts, read.count, read.placed)
        FROM order_intake intake LEFT JOIN orders ON orders.id = intake.order_id, LATERAL (
            SELECT count(*), count(*) FILTER (WHERE status = 'PLACED') AS placed FROM order_intake_attempt
            WHERE intake_id = intake.id
        ) AS read
        WHERE intake.attempts <> read.count OR (intake.status = 'PLACED')::int <> read.placed
           OR orders.channel_id IS DISTINCT FROM intake.channel_id
    """,
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
        WHERE CASE record.mutation {" ".join(starmap(_nothing_made, RESULTS.items()))} ELSE true END
    """,  # noqa: S608 - our own names
}
