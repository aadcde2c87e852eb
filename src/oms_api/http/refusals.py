"""What is answered to a request that never reaches the schema."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from oms_api.kernel.errors import Busy, Unavailable, cut

RETRY_AFTER = (b"retry-after", b"2")
JSON = b"application/json; charset=utf-8"


class HttpRefusal(Exception):
    """An HTTP request is refused, with a status and the same shape of error that the schema gives."""

    def __init__(self, status: int, code: str, message: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = cut(message)
        self.headers = headers

    def body(self, request_id: str) -> bytes:
        """Return the answer's body."""
        return orjson.dumps({"errors": [self.as_error(request_id)]})

    def as_error(self, request_id: str) -> Mapping[str, Any]:
        """Return the error as clients see it."""
        return {"message": self.message, "extensions": {"code": self.code, "requestId": request_id}}


def bad_request(message: str) -> HttpRefusal:
    """Return a refusal of what is no GraphQL request."""
    return HttpRefusal(400, "BAD_REQUEST", message)


def too_large(limit: int, hint: str = "") -> HttpRefusal:
    """Return a refusal of a body above *limit* bytes."""
    return HttpRefusal(413, "PAYLOAD_TOO_LARGE", f"The body is larger than {limit // 1024} KiB.{hint}")


def unauthenticated(message: str) -> HttpRefusal:
    """Return a refusal of a caller without a valid key."""
    return HttpRefusal(401, "UNAUTHENTICATED", message, [(b"www-authenticate", b'Bearer realm="oms_api"')])


def unavailable(error: Busy | Unavailable) -> HttpRefusal:
    """Return a refusal of what cannot be answered now, and can be in a moment."""
    return HttpRefusal(503, error.code, error.message, [RETRY_AFTER])


def internal() -> HttpRefusal:
    """Return what is told of a failure of our own: nothing but the request id."""
    return HttpRefusal(500, "INTERNAL", "Something went wrong on our side; the request id helps to find out what.")
