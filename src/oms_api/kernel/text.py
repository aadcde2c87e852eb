"""Bytes as text that fits an address or a header."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode_base64(data: bytes) -> str:
    """Return URL-safe base64 without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64(text: str) -> bytes:
    """Return the bytes behind URL-safe base64 without padding. Raises: ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
