"""The application of procrastinate: its two tasks, and how often they are tried."""

from dataclasses import dataclass
from uuid import UUID

import procrastinate
from procrastinate import BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from oms_api.db.direct import ALIVE, conninfo
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs import tasks
from oms_api.jobs.tasks import Tries
from oms_api.workflows.subscribers import Subscribers

REACT, RUN_JOB = "react", "run_job"
LONGEST_PAUSE_S = 600


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What tasks work with; the worker gives it to each."""

    work: UnitOfWork
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
    app.task(name=REACT, pass_context=True, retry=Backoff())(react)
    app.task(name=RUN_JOB, pass_context=True, retry=Backoff())(run_job)
    return app


def given(work: UnitOfWork, subscribers: Subscribers) -> dict[str, Surroundings]:
    """Return the context in which a worker runs the tasks."""
    return {"surroundings": Surroundings(work, subscribers)}


async def react(context: JobContext, *, subscriber: str, first: int, last: int) -> None:
    """Let one reaction have the events of one batch."""
    around: Surroundings = context.additional_context["surroundings"]
    await tasks.react(around.work, around.subscribers.reactions, subscriber, first, last, Tries(context.job.attempts))


async def run_job(context: JobContext, *, job_id: str) -> None:
    """Carry out, or go on with, a job that a caller asked for."""
    around: Surroundings = context.additional_context["surroundings"]
    await tasks.carry_out(around.work, around.subscribers.job_kinds, UUID(job_id), Tries(context.job.attempts))
