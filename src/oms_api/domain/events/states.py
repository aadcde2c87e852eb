"""The states of a job."""

from oms_api.db.outbox import JobStatus as S
from oms_api.kernel.states import Transitions

JOB = Transitions(
    "job",
    {
        S.CREATED: {S.VALIDATING},
        S.VALIDATING: {S.RUNNING, S.FAILED},
        S.RUNNING: {S.COMPLETED, S.COMPLETED_WITH_ERRORS, S.FAILED, S.CANCELED},
        S.COMPLETED: set(),
        S.COMPLETED_WITH_ERRORS: set(),
        S.FAILED: set(),
        S.CANCELED: set(),
    },
)
