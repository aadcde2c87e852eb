"""A place in the feed as clients keep it: opaque, signed, and bound to the epoch it was given in."""

from struct import Struct
from uuid import UUID

from oms_api.domain.events.errors import CursorExpired
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.paging import InvalidCursor
from oms_api.kernel.secrets import Secrets
from oms_api.kernel.text import decode_base64, encode_base64

PURPOSE = "feed-cursor"
SHAPE = Struct(">16sQ")


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A position of one epoch of the feed. A restore begins a new epoch, since positions may then be given twice."""

    epoch: UUID
    position: int


def cursor_of(secrets: Secrets, place: FeedPlace) -> str:
    """Return the cursor of *place*."""
    data = SHAPE.pack(place.epoch.bytes, place.position)
    return encode_base64(data + secrets.sign(PURPOSE, data))


def place_of(secrets: Secrets, cursor: str, head: FeedPlace) -> FeedPlace:
    """Return the place behind *cursor*, in a feed that has come to *head*.

    Raises: InvalidCursor, when it is damaged or not ours; CursorExpired, when it is of another epoch, or of events that a
    restore without a new epoch took away.
    """
    try:
        raw = decode_base64(cursor)
    except ValueError as error:
        raise InvalidCursor(given=cursor) from error
    data, signature = raw[: SHAPE.size], raw[SHAPE.size :]
    if encode_base64(raw) != cursor or len(data) != SHAPE.size or not secrets.verify(PURPOSE, data, signature):
        raise InvalidCursor(given=cursor)
    epoch, position = SHAPE.unpack(data)
    place = FeedPlace(UUID(bytes=epoch), position)
    if place.epoch != head.epoch or place.position > head.position:
        raise CursorExpired(given=cursor)
    return place
