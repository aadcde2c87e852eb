"""What happens to jobs. They name no channel or location: a limited caller may follow its own job by the job's id."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class JobRequested(Event):
    """A job was requested, and waits for a worker."""

    type = "JOB_REQUESTED"
    subject = IdKind.JOB


@dataclass(frozen=True, kw_only=True)
class JobProgressed(Event):
    """A job started or made progress."""

    type = "JOB_PROGRESSED"
    subject = IdKind.JOB


@dataclass(frozen=True, kw_only=True)
class JobFinished(Event):
    """A job ended, in success or failure."""

    type = "JOB_FINISHED"
    subject = IdKind.JOB
