"""The application of procrastinate: its two tasks, and how often they are tried."""

from uuid import UUID

import procrastinate
import structlog
from procrastinate import BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from oms_api.db.direct import ALIVE, conninfo
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.checkpoints import Failure, note_failure
from oms_api.domain.ports import Ports
from oms_api.jobs import tasks
from oms_api.jobs.pending import REACT, pend_after_failure, pend_at_once
from oms_api.jobs.tasks import Tries
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import JobId
from oms_api.workflows.subscribers import Subscribers

RUN_JOB = "run_job"
LONGEST_PAUSE_S = 600
LONGEST_ERROR = 300

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What tasks work with; the worker gives it to each."""

    work: UnitOfWork
    ports: Ports
    subscribers: Subscribers


class Backoff(BaseRetryStrategy):
    """Try again after 1, 2, 4... seconds, at most ten minutes, twelve times in all; at once after the worker was stopped."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again, or None for never."""
        if not isinstance(exception, Exception):  # canceled, since the worker stops
            return RetryDecision(retry_in={"seconds": 0})
        if Tries(job.attempts).last:
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, LONGEST_PAUSE_S)})


def build(url: str, *, connections: int = 4) -> procrastinate.App:
    """Return the application over the database at *url*, past any pooler. Open it before a worker runs.

    The relay defers over its own connection, and needs it not to be open.
    """
    connector = PsycopgConnector(conninfo=conninfo(url), min_size=1, max_size=connections, kwargs=dict(ALIVE))
    app = procrastinate.App(connector=connector)
    app.task(name=REACT, pass_context=True)(react)
    app.task(name=RUN_JOB, pass_context=True, retry=Backoff())(run_job)
    return app


def given(work: UnitOfWork, ports: Ports, subscribers: Subscribers) -> dict[str, Surroundings]:
    """Return the context in which a worker runs the tasks."""
    return {"surroundings": Surroundings(work, ports, subscribers)}


async def react(context: JobContext, *, subscriber: str, failures: int = 0) -> None:
    """Let one reaction have its events; one that no longer exists has nothing to do.

    procrastinate does not try it again, since another job may wait under the same queueing lock: the reaction's own next job
    does, for as long as it takes, for what failed must not be passed over.
    """
    around: Surroundings = context.additional_context["surroundings"]
    reaction = around.subscribers.reactions.get(subscriber)
    if reaction is None:
        log.warning("reaction_unknown", subscriber=subscriber)
        return
    try:
        more = await tasks.react(around.work, reaction)
    except Exception as error:
        log.exception("reaction_failed", subscriber=subscriber, failures=failures + 1, error=str(error))
        await pend_after_failure(context.app, subscriber, failures)
        await around.work.execute(tasks.WORKER, note_failure, Failure(subscriber, _in_words(error)))
        return
    if more:
        await pend_at_once(context.app, [subscriber])


def _in_words(error: Exception) -> str:
    """Return what *error* says in one line; further lines may hold the data that it is about."""
    said = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {said[0][:LONGEST_ERROR]}"


async def run_job(context: JobContext, *, job_id: str) -> None:
    """Carry out, or go on with, a job that a caller asked for."""
    around: Surroundings = context.additional_context["surroundings"]
    tries = Tries(context.job.attempts)
    await tasks.carry_out(around.work, around.ports, around.subscribers.job_kinds, JobId(UUID(job_id)), tries)
