"""Links by which a customer follows one order: whoever has one may ask for it until it ends, without an API key."""

from datetime import datetime
from uuid import UUID

from oms_api.kernel.ids import OrderId
from oms_api.kernel.links import SECONDS_BYTES, LinkChanged, check_signature, signature
from oms_api.kernel.secrets import SIGNATURE_BYTES, Secrets
from oms_api.kernel.text import decode_base64, encode_base64

PURPOSE = "tracking"
PATH = "/track"
DAYS, MOST_DAYS = 90, 365
ID_BYTES, REVOKED_BYTES = 16, 4
LENGTH = ID_BYTES + SECONDS_BYTES + SIGNATURE_BYTES


def token_of(secrets: Secrets, order_id: OrderId, until: datetime, revoked: int = 0) -> str:
    """Return what lets whoever has it follow the order until *until*, cut to whole seconds, or until its links are revoked.

    *revoked* is how often that happened before; a token says it where it did.
    """
    expires = int(until.timestamp())
    said = revoked.to_bytes(REVOKED_BYTES, "big") if revoked else b""
    signed = signature(secrets, _purpose(revoked), order_id, expires)
    return encode_base64(order_id.bytes + expires.to_bytes(SECONDS_BYTES, "big") + signed + said)


def order_behind(secrets: Secrets, token: str, now: datetime) -> tuple[OrderId, int]:
    """Return the order that *token* is for, and how often its links had been revoked when it was made.

    Raises: LinkChanged, for what we did not sign; LinkExpired.
    """
    try:
        data = decode_base64(token)
    except ValueError as error:
        raise LinkChanged from error
    if len(data) not in {LENGTH, LENGTH + REVOKED_BYTES}:
        raise LinkChanged
    key, rest, said = data[:ID_BYTES], data[ID_BYTES:LENGTH], data[LENGTH:]
    order_id, revoked = OrderId(UUID(bytes=key)), int.from_bytes(said, "big")
    expires = int.from_bytes(rest[:SECONDS_BYTES], "big")
    if said and not revoked:
        raise LinkChanged
    check_signature(secrets, _purpose(revoked), order_id, expires, rest[SECONDS_BYTES:], now)
    return order_id, revoked


def _purpose(revoked: int) -> str:
    return f"{PURPOSE} {revoked}" if revoked else PURPOSE
