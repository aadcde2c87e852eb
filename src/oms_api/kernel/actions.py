"""What can be done with a record now, and what stands in the way: areas decide by the rules that their commands refuse by."""

from enum import StrEnum

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(frozen=True, slots=True)
class Action:
    """An action, by its name in its area, and why it is not allowed now (None where it is)."""

    name: StrEnum
    blocked_by: OmsError | None = None

    @property
    def allowed(self) -> bool:
        """Whether it can be done now."""
        return self.blocked_by is None
