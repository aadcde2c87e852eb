"""Events of templates."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class DocumentTemplateChanged(Event):
    """A template of documents was made, got a new version, or its active version changed."""

    type = "DOCUMENT_TEMPLATE_CHANGED"
    subject = IdKind.DOCUMENT_TEMPLATE
