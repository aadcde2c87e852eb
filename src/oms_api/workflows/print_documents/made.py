"""A document before it is printed."""

from collections.abc import Sequence

from oms_api.db.columns import Json
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, FileId, LocationId


@dataclass(frozen=True, slots=True)
class MadePapers:
    """The papers of a document, or its ready file, with the channels and locations that it is about."""

    name: str
    content: Json | FileId
    channels: Sequence[ChannelId]
    locations: Sequence[LocationId]
