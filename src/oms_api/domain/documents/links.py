"""Links to files: who has one may fetch the file until it ends, without an API key."""

from datetime import datetime

from oms_api.kernel.ids import FileId, IdKind, text_id
from oms_api.kernel.links import LinkChanged, check_signature, signature
from oms_api.kernel.secrets import Secrets
from oms_api.kernel.text import decode_base64, encode_base64

PURPOSE = "file"
PATH = "/files"
MINUTES, MOST_MINUTES = 15, 24 * 60


def signed_path(secrets: Secrets, file_id: FileId, until: datetime) -> str:
    """Return the path that gives the file until *until*, cut to whole seconds."""
    expires = int(until.timestamp())
    signed = encode_base64(signature(secrets, PURPOSE, file_id, expires))
    return f"{PATH}/{text_id(IdKind.FILE, file_id)}?expires={expires}&signature={signed}"


def check_link(secrets: Secrets, file_id: FileId, expires: str, signed: str, now: datetime) -> None:
    """Raises: LinkChanged, for what we did not sign; LinkExpired, for what we did, but no longer."""
    try:
        until, given = int(expires), decode_base64(signed)
    except ValueError as error:
        raise LinkChanged from error
    check_signature(secrets, PURPOSE, file_id, until, given, now)
