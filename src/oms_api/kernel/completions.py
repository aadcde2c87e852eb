"""How the values of root fields were completed: the log line of a request and its Server-Timing tell it."""

from oms_api.kernel.dataclass import dataclass


@dataclass(slots=True)
class Completions:
    """How many were completed by level, how many anew by graphql-core, and how many by graphql-core from the beginning."""

    by_level: int = 0
    anew: int = 0
    by_core: int = 0

    def __str__(self) -> str:
        return f"{self.by_level} by level, {self.anew} anew, {self.by_core} by core"
