"""Links that work for one record until a moment, for whoever has one: no key is asked for."""

from datetime import datetime, timedelta
from uuid import UUID

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.secrets import Secrets

LAST_SECOND = 1 << 40
SECONDS_BYTES = 8


@dataclass(eq=False)
class LinkChanged(OmsError):
    """The link was not made by this server, or was changed: ask for a new link."""

    code = "LINK_CHANGED"


@dataclass(eq=False)
class LinkExpired(OmsError):
    """This link has expired: ask for a new one."""

    code = "LINK_EXPIRED"


@dataclass(eq=False)
class LinkRevoked(OmsError):
    """This link was taken back: ask for a new one."""

    code = "LINK_REVOKED"


def signature(secrets: Secrets, purpose: str, key: UUID, expires: int) -> bytes:
    """Return what makes a link to the record *key* ours, until the second *expires*."""
    return secrets.sign(purpose, _signed(key, expires))


def check_signature(secrets: Secrets, purpose: str, key: UUID, expires: int, given: bytes, now: datetime) -> None:
    """Raises: LinkChanged, for what we did not sign for *purpose*; LinkExpired, for what we did, but no longer."""
    if not (0 <= expires < LAST_SECOND and secrets.verify(purpose, _signed(key, expires), given)):
        raise LinkChanged
    if expires <= now.timestamp():
        raise LinkExpired


def end_of(now: datetime, span: timedelta) -> datetime:
    """Return when a link that is made now ends."""
    return (now + span).replace(microsecond=0)


def _signed(key: UUID, expires: int) -> bytes:
    return key.bytes + expires.to_bytes(SECONDS_BYTES, "big")
