"""What is kept so that only this installation can read it, such as the credentials of a carrier."""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oms_api.kernel.secrets import Secrets

NONCE_BYTES = 12


class Unopened(Exception):
    """Nothing here opens what was sealed: the key is gone, it was changed, or it belongs to another record."""


class Vault:
    """Seals with the first key of its secrets and opens with all of them, so that keys can be rotated.

    What is sealed belongs to one record: moved to another one it does not open. Source: AES-256-GCM, NIST SP 800-38D.
    """

    def __init__(self, secrets: Secrets | None) -> None:
        """Without *secrets* it opens and seals nothing: a process that needs none may run without them."""
        self._secrets = secrets

    def seal(self, purpose: str, owner: UUID, data: bytes) -> bytes:
        """Return *data* sealed for *owner*; each time differently. Raises: Unopened, without secrets."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._keys(purpose)[0]).encrypt(nonce, data, owner.bytes)

    def open(self, purpose: str, owner: UUID, sealed: bytes) -> bytes:
        """Return what was sealed for *owner*. Raises: Unopened."""
        nonce, kept = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self._keys(purpose):
            try:
                return AESGCM(key).decrypt(nonce, kept, owner.bytes)
            except (InvalidTag, ValueError):
                continue
        raise Unopened

    def _keys(self, purpose: str) -> tuple[bytes, ...]:
        if self._secrets is None:
            raise Unopened
        return self._secrets.derived(purpose)
