"""The SDK, loaded once and tamed: it logs nothing, checks certificates, waits within a limit, and sends each request once.

By itself it writes to stderr, switches the checking of certificates off for the whole process, and waits for ever.
"""

import ssl
import urllib.request
from collections.abc import Mapping
from threading import Lock
from typing import Any

from oms_api.kernel.dataclass import dataclass

WAIT_S = 18
"""Less than the deadline of a call, so that no thread stays behind."""
_loading = Lock()
_loaded: "Sdk | None" = None


@dataclass(frozen=True, slots=True)
class Sdk:
    """The part of the SDK that is used."""

    gateways: Any
    models: Any
    carrier_error: type[Exception]
    """The error that holds what a carrier said before a request was sent."""

    def gateway(self, code: str, settings: Mapping[str, object], server_url: str | None) -> Any:  # noqa: ANN401 - without types
        """Return what speaks to a carrier with the *settings* of an account; at *server_url*, if not its own servers."""
        provider = self.gateways[code]
        if server_url is None:
            return provider.create(dict(settings))
        own = type(provider.create(dict(settings)).settings)
        elsewhere = type("Settings", (own,), {"server_url": property(lambda _self: server_url)})
        return provider.create(elsewhere(**settings))


def sdk() -> Sdk:
    """Return the SDK, loaded when it is first asked for: it takes seconds."""
    global _loaded  # noqa: PLW0603 - once for the process
    with _loading:
        if _loaded is None:
            _loaded = _load()
        return _loaded


def _load() -> Sdk:
    checking = ssl._create_default_https_context  # noqa: SLF001 - what the import replaces
    try:
        from loguru import logger  # noqa: PLC0415 - comes with it

        logger.disable("karrio")
        import karrio.sdk as karrio  # noqa: PLC0415 - see above
        from karrio.core import errors, models  # noqa: PLC0415 - see above
        from karrio.core.utils import helpers  # noqa: PLC0415 - see above
    finally:
        ssl._create_default_https_context = checking  # noqa: SLF001 - as above
    logger.remove()
    if not hasattr(helpers, "_urlopen_with_span"):
        raise RuntimeError("karrio sends requests in another way than it did: read its helpers before you use it")
    helpers._urlopen_with_span = _sent_once  # noqa: SLF001 - by itself it sends again whatever failed
    return Sdk(karrio.gateway, models, errors.ParsedMessagesError)


def _sent_once(request: urllib.request.Request, timeout: float | None = None) -> Any:  # noqa: ANN401 - a response
    """Send *request*, over TLS with a certificate that is checked, and wait no longer than the limit."""
    return urllib.request.urlopen(request, timeout=timeout or WAIT_S)  # noqa: S310 - its own carriers' servers
