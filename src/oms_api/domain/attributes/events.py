"""Events of attributes."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class AttributeDefinitionChanged(Event):
    """An attribute was defined, or its definition changed."""

    type = "ATTRIBUTE_DEFINITION_CHANGED"
    subject = IdKind.ATTRIBUTE_DEFINITION
