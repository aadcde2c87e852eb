"""The check of the whole installation as a job: every invariant that can be proved from the tables."""

from collections.abc import Awaitable, Callable, Sequence

from oms_api.db.columns import Json
from oms_api.db.session import Reader
from oms_api.domain.events.jobs import JobRun
from oms_api.domain.events.queries import feed_gaps

Check = Callable[[Reader], Awaitable[Sequence[Json]]]


async def check_feed(read: Reader) -> Sequence[Json]:
    """Find positions of the feed without an event."""
    gaps = await feed_gaps(read)
    return (
        [{"check": "feed", "problem": f"{gaps} positions of the feed have no event, or lie beyond its head."}] if gaps else []
    )


CHECKS: Sequence[Check] = (check_feed,)


async def system_check(run: JobRun) -> Json:
    """Carry out every check; what each finds is an error of the job."""
    found = 0
    for check in CHECKS[run.done :]:
        async with run.work.reads(run.principal) as read:
            problems = await check(read)
        found += len(problems)
        await run.step(rows=1, total=len(CHECKS), errors=problems)
    return {"checks": len(CHECKS), "findings": found}
