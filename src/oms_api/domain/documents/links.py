"""Links to files: who has one may fetch the file until it ends, without an API key."""

from datetime import datetime, timedelta

from oms_api.domain.documents.errors import LinkChanged, LinkExpired
from oms_api.kernel.ids import FileId, IdKind, text_id
from oms_api.kernel.secrets import Secrets
from oms_api.kernel.text import decode_base64, encode_base64

PURPOSE = "file"
PATH = "/files"
MINUTES, MOST_MINUTES = 15, 24 * 60
LAST_SECOND = 1 << 40


def signed_path(secrets: Secrets, file_id: FileId, until: datetime) -> str:
    """Return the path that gives the file until *until*, cut to whole seconds."""
    expires = int(until.timestamp())
    signature = encode_base64(secrets.sign(PURPOSE, _signed(file_id, expires)))
    return f"{PATH}/{text_id(IdKind.FILE, file_id)}?expires={expires}&signature={signature}"


def check_link(secrets: Secrets, file_id: FileId, expires: str, signature: str, now: datetime) -> None:
    """Raises: LinkChanged, for what we did not sign; LinkExpired, for what we did, but no longer."""
    try:
        until, given = int(expires), decode_base64(signature)
    except ValueError as error:
        raise LinkChanged from error
    if not (0 <= until < LAST_SECOND and secrets.verify(PURPOSE, _signed(file_id, until), given)):
        raise LinkChanged
    if until <= now.timestamp():
        raise LinkExpired


def end_of(now: datetime, minutes: int) -> datetime:
    """Return when a link that is made now ends."""
    return (now + timedelta(minutes=minutes)).replace(microsecond=0)


def _signed(file_id: FileId, expires: int) -> bytes:
    return file_id.bytes + expires.to_bytes(8, "big")
