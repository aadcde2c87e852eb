"""Events of boxes."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class BoxChanged(Event):
    """A box of a location was created or changed."""

    type = "BOX_CHANGED"
    subject = IdKind.BOX
