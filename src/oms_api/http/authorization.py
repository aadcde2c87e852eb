"""From a header to a principal."""

from starlette.types import Scope

from oms_api.domain.access.errors import NO_KEY, Unauthenticated
from oms_api.domain.access.keyring import Keyring
from oms_api.http.exchange import exchange_of, header
from oms_api.http.refusals import unauthenticated, unavailable
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import Busy, Unavailable

LONGEST = 512


async def authorized(keyring: Keyring, scope: Scope) -> Principal:
    """Return who sent the request. Raises: HttpRefusal, 401; 503, when the key cannot be looked up now."""
    given = header(scope, b"authorization")
    try:
        principal = await bearer(keyring, given.decode("latin-1") if given is not None else None)
    except Unauthenticated as error:
        raise unauthenticated(error.message) from error
    except (Busy, Unavailable) as error:
        raise unavailable(error) from error
    exchange_of(scope).client = principal.name
    return principal


async def bearer(keyring: Keyring, authorization: object) -> Principal:
    """Return whose key ``Bearer <key>`` holds. Raises: Unauthenticated, Busy, Unavailable."""
    if not isinstance(authorization, str) or not authorization:
        raise Unauthenticated(problem=NO_KEY)
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer" or len(text) > LONGEST:
        raise Unauthenticated(problem="the header Authorization must be: Bearer <key>")
    return await keyring.principal(text.strip())
