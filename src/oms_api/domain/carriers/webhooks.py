"""The secrets by which an account signs its webhooks: made here, kept sealed, and for a day the old one beside the new one."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import orjson

from oms_api.domain.carriers.errors import CredentialsUnreadable, SignatureExpired, SignatureWrong
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import CarrierAccountId
from oms_api.kernel.vault import Unopened, Vault

PURPOSE = "carrier webhooks"
SECRET_BYTES = 32
STAYS = timedelta(hours=24)
MOST_SECRETS = 5
TOLERANCE_S = 300
NOBODY = "no account has this secret"
"""What a signature is compared with where there is no account, so that its answer takes as long."""


@dataclass(frozen=True, slots=True)
class Signing:
    """A secret, and until when it is good where another one has taken its place."""

    secret: str
    until: float | None = None


def new_secret() -> str:
    """Return a secret that nobody has."""
    return f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"


def sealed(vault: Vault, account_id: CarrierAccountId, kept: Sequence[Signing]) -> bytes:
    """Return secrets as they are kept."""
    return vault.seal(PURPOSE, account_id, orjson.dumps([[each.secret, each.until] for each in kept]))


def opened(vault: Vault, account_id: CarrierAccountId, kept: bytes | None) -> list[Signing]:
    """Return the secrets of an account, the newest first. Raises: CredentialsUnreadable."""
    if not kept:
        return []
    try:
        return [Signing(secret, until) for secret, until in orjson.loads(vault.open(PURPOSE, account_id, bytes(kept)))]
    except Unopened:
        raise CredentialsUnreadable from None


def rotated(before: Sequence[Signing], secret: str, now: datetime) -> list[Signing]:
    """Return the secrets once there is a new one: what was good stays good for a day, the last few of them."""
    end = (now + STAYS).timestamp()
    left = [Signing(each.secret, each.until or end) for each in good(before, now)]
    return [Signing(secret), *left][:MOST_SECRETS]


def good(kept: Sequence[Signing], now: datetime) -> list[Signing]:
    """Return the secrets that are good *now*."""
    return [each for each in kept if each.until is None or now.timestamp() < each.until]


def signature(secret: str, moment: int, body: bytes) -> str:
    """Return the signature of a body that is sent at a *moment*, in seconds: HMAC-SHA256 of both, in hex."""
    return hmac.new(secret.encode(), b"%d.%b" % (moment, body), sha256).hexdigest()


def check_signature(kept: Sequence[Signing], header: str, body: bytes, now: datetime) -> None:
    """Check ``t=<seconds>,v1=<hex>``, the value of a header, against the secrets of an account.

    Raises: SignatureWrong, for what none of its good secrets signed; SignatureExpired, for what was signed too long ago or too
    far in the future.
    """
    moment, given = _parts(header)
    known = [each.secret for each in good(kept, now)] or [NOBODY]
    matches = [hmac.compare_digest(signature(secret, moment, body), each) for secret in known for each in given]
    if not any(matches) or known == [NOBODY]:
        raise SignatureWrong
    sent = datetime.fromtimestamp(moment, UTC)
    if abs((now - sent).total_seconds()) > TOLERANCE_S:
        raise SignatureExpired(sent_at=sent.isoformat().replace("+00:00", "Z"))


def _parts(header: str) -> tuple[int, list[str]]:
    """Return the moment and the signatures in a header; of what is none, something that no secret signs."""
    moment, given = "", []
    for part in header.split(",")[: MOST_SECRETS + 1]:
        name, _, value = part.strip().partition("=")
        if name == "t":
            moment = value
        elif name == "v1" and value.isascii():
            given.append(value.lower())
    fits = moment.isascii() and moment.isdecimal() and len(moment) <= len("9999999999")
    return (int(moment) if fits else 0), given if fits else []
