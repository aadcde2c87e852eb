"""Signatures by the installation's own secrets: one derived key for each purpose, so that none can stand in for another."""

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIGNATURE_BYTES = 16


class Secrets:
    """Signs with the first of its keys and verifies with all of them, so that keys can be rotated."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        """Raises: ValueError, without a key."""
        if not keys:
            raise ValueError("signing needs at least one secret key")
        self._keys = keys
        self._derived: dict[str, tuple[bytes, ...]] = {}

    def sign(self, purpose: str, data: bytes) -> bytes:
        """Return the signature of *data* for *purpose*: HMAC-SHA256, cut to 16 bytes."""
        return _signature(self.derived(purpose)[0], data)

    def verify(self, purpose: str, data: bytes, signature: bytes) -> bool:
        """Tell whether *signature* is that of *data* for *purpose* by any of the keys, in constant time."""
        matches = [hmac.compare_digest(_signature(key, data), signature) for key in self.derived(purpose)]
        return any(matches)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Return the 32-byte keys for *purpose*, one for each secret, in their order (HKDF-SHA256, RFC 5869)."""
        keys = self._derived.get(purpose)
        if keys is None:
            info = f"oms/{purpose}".encode()
            keys = tuple(HKDF(SHA256(), length=32, salt=None, info=info).derive(key.encode()) for key in self._keys)
            self._derived[purpose] = keys
        return keys


def _signature(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, sha256)[:SIGNATURE_BYTES]
