"""What an API key looks like: ``oms_<prefix>_<secret><checksum>``.

The prefix names the key in lists and finds its row; the secret holds 192 random bits; the checksum tells a mistyped or
cut-off key from a wrong one without asking the database.
"""

import secrets
import string
from zlib import crc32

from oms_api.domain.access.errors import Unauthenticated
from oms_api.kernel.dataclass import dataclass

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LETTERS = frozenset(ALPHABET)
PREFIX_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 33, 6
SECRET_BITS = 192


@dataclass(frozen=True, slots=True)
class KeyText:
    """A whole API key as its holder sends it. Never stored, never logged."""

    prefix: str
    secret: str

    @property
    def body(self) -> str:
        """Everything in front of the checksum."""
        return f"oms_{self.prefix}_{self.secret}"

    def __str__(self) -> str:
        return self.body + checksum(self.body)

    def __repr__(self) -> str:
        return f"KeyText(prefix={self.prefix!r})"


def new_key_text() -> KeyText:
    """Return a key that nobody has seen before."""
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    return KeyText(prefix=prefix, secret=base62(secrets.randbits(SECRET_BITS), SECRET_LENGTH))


def parse_key_text(text: str) -> KeyText:
    """Return the parts of *text*. Raises: Unauthenticated, when its shape or its checksum is wrong."""
    brand, _, rest = text.partition("_")
    prefix, _, tail = rest.partition("_")
    secret, given = tail[:SECRET_LENGTH], tail[SECRET_LENGTH:]
    whole = brand == "oms" and (len(prefix), len(secret), len(given)) == (PREFIX_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH)
    if not (whole and LETTERS.issuperset(prefix + tail) and checksum(f"oms_{prefix}_{secret}") == given):
        raise Unauthenticated(problem="it is not as it was shown when it was made, look for a typo")
    return KeyText(prefix=prefix, secret=secret)


def checksum(body: str) -> str:
    """Return the CRC-32 of *body* in base 62."""
    return base62(crc32(body.encode()), CHECKSUM_LENGTH)


def base62(number: int, length: int) -> str:
    """Return *number* in base 62, padded with zeros to *length* digits."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
