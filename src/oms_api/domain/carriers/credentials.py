"""The credentials of accounts: checked against the list of their carrier, kept sealed, opened where a carrier is called."""

from collections.abc import Mapping, Sequence

import orjson

from oms_api.domain.carriers.errors import CredentialsUnreadable, MissingCredential, UnknownCredential
from oms_api.domain.parcels.port import Setting
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import CarrierAccountId
from oms_api.kernel.vault import Unopened, Vault

PURPOSE = "carrier credentials"
LONGEST_VALUE = 10_000


def wrong_with(carrier: str, given: Mapping[str, str], declared: Sequence[Setting], path: str) -> list[OmsError]:
    """Return what is wrong with the credentials or settings *given*, at *path*."""
    known = {setting.name for setting in declared}
    said = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
    errors: list[OmsError] = [
        UnknownCredential(carrier=carrier, given=name, known=said, field=(path, name)) for name in given if name not in known
    ]
    errors += [
        MissingCredential(carrier=carrier, name=setting.name, field=(path, setting.name))
        for setting in declared
        if setting.needed and not given.get(setting.name, "").strip()
    ]
    problem = f"A value has at most {LONGEST_VALUE:,} characters, none of them NUL."
    errors += [
        InvalidValue(problem=problem, field=(path, name))
        for name, value in given.items()
        if len(value) > LONGEST_VALUE or "\0" in value
    ]
    return errors


def sealed(vault: Vault, account_id: CarrierAccountId, credentials: Mapping[str, str]) -> bytes:
    """Return *credentials* as they are kept; none need no secrets."""
    if not credentials:
        return b""
    return vault.seal(PURPOSE, account_id, orjson.dumps(dict(credentials)))


def opened(vault: Vault, account_id: CarrierAccountId, kept: bytes) -> dict[str, str]:
    """Return the credentials of an account. Raises: CredentialsUnreadable."""
    if not kept:
        return {}
    try:
        return dict(orjson.loads(vault.open(PURPOSE, account_id, bytes(kept))))
    except Unopened:
        raise CredentialsUnreadable from None
