"""Commands on a job: by its worker, and by whoever cancels it."""

from oms_api.db.outbox import JobStatus
from oms_api.domain.events.events import JobFinished, JobProgressed
from oms_api.kernel.verbs import Life, Verb

S = JobStatus

VALIDATE = Verb[S, None](label="worker", moves={S.CREATED: {S.VALIDATING}}, aim=S.VALIDATING, event=None)
RUN = Verb[S, None](label="worker", moves={S.VALIDATING: {S.RUNNING}}, aim=S.RUNNING, event=JobProgressed)
FINISH = Verb[S, None](
    label="worker", moves={S.RUNNING: {S.COMPLETED, S.COMPLETED_WITH_ERRORS}}, aim=S.COMPLETED, event=JobFinished
)
FAIL = Verb[S, None](
    label="worker", moves={status: {S.FAILED} for status in (S.VALIDATING, S.RUNNING)}, aim=S.FAILED, event=JobFinished
)
CANCEL = Verb[S, None](
    label="jobCancel",
    moves={status: {S.CANCELED} for status in (S.CREATED, S.VALIDATING, S.RUNNING)},
    aim=S.CANCELED,
    event=JobFinished,
)
LIFE = Life[S, None]("job", "jobId", S, VALIDATE, RUN, FINISH, FAIL, CANCEL)
