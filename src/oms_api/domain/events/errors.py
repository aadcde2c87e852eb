"""Errors of following the feed, and of jobs."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class CursorExpired(OmsError):
    """The feed was restarted after this cursor was given: read the present state, then read the feed of events from its end."""

    code = "CURSOR_EXPIRED"
    given: str


@dataclass(eq=False)
class ReaderTooSlow(OmsError):
    """Events come faster than they are taken: subscribe again, with '{cursor}' as the argument after.

    Events came faster than the subscriber took them: subscribe again, with the last cursor as the argument `after`.
    """

    code = "READER_TOO_SLOW"
    cursor: str


@dataclass(eq=False)
class UnknownJobKind(OmsError):
    """There is no kind of job '{kind}'.

    The kind of job is not known.
    """

    code = "UNKNOWN_JOB_KIND"
    kind: str


@dataclass(eq=False)
class JobOvertaken(OmsError):
    """The job was canceled, or another worker carries it out: this run ends."""

    code = "JOB_OVERTAKEN"


@dataclass(eq=False)
class JobInterrupted(OmsError):
    """The job was interrupted {times} times, and is not tried again.

    The job was interrupted too often, and is not tried again.
    """

    code = "JOB_INTERRUPTED"
    times: int
