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
ID_BYTES = 16


def token_of(secrets: Secrets, order_id: OrderId, until: datetime) -> str:
    """Return what lets whoever has it follow the order until *until*, cut to whole seconds."""
    expires = int(until.timestamp())
    signed = signature(secrets, PURPOSE, order_id, expires)
    return encode_base64(order_id.bytes + expires.to_bytes(SECONDS_BYTES, "big") + signed)


def order_behind(secrets: Secrets, token: str, now: datetime) -> OrderId:
    """Return the order that *token* is for. Raises: LinkChanged, for what we did not sign; LinkExpired."""
    try:
        data = decode_base64(token)
    except ValueError as error:
        raise LinkChanged from error
    if len(data) != ID_BYTES + SECONDS_BYTES + SIGNATURE_BYTES:
        raise LinkChanged
    key, rest = data[:ID_BYTES], data[ID_BYTES:]
    order_id = OrderId(UUID(bytes=key))
    check_signature(secrets, PURPOSE, order_id, int.from_bytes(rest[:SECONDS_BYTES], "big"), rest[SECONDS_BYTES:], now)
    return order_id
