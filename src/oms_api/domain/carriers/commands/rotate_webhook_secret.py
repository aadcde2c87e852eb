"""Giving an account a new secret to sign its webhooks with."""

from collections.abc import Sequence

from oms_api.db.session import Tx
from oms_api.db.versioned import change, locking
from oms_api.domain.carriers.errors import CredentialsUnreadable
from oms_api.domain.carriers.events import CarrierAccountChanged
from oms_api.domain.carriers.tables import CarrierAccountRow
from oms_api.domain.carriers.webhooks import Signing, opened, rotated, sealed
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import CarrierAccountId, IdKind, text_id
from oms_api.kernel.naming import check_version
from oms_api.kernel.vault import Vault

locked_account = locking(CarrierAccountRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateWebhookSecret:
    """Let webhooks of an account be signed with a new secret."""

    account_id: CarrierAccountId
    expected_version: int | None = None


async def rotate_webhook_secret(tx: Tx, command: RotateWebhookSecret, *, vault: Vault, secret: str) -> CarrierAccountRow:
    """Keep a new *secret* of an account; those before it stay good for a day. Raises: NotFound, VersionConflict, LimitedKey."""
    tx.principal.check_unlimited("channels", "locations")
    key = command.account_id
    before = await locked_account(tx, key)
    if before is None:
        raise NotFound(what="carrier account", given=text_id(IdKind.CARRIER_ACCOUNT, key), field=("accountId",))
    check_version(command.expected_version, before.version)
    kept = rotated(_known(vault, before), secret, tx.now)
    columns = {"webhook_secrets": sealed(vault, key, kept), "webhook_secret_rotated_at": tx.now}
    after, moved = await change(tx, CarrierAccountRow, before, columns)
    changes = {name: both for name, both in moved.items() if name != "webhook_secrets"}
    tx.emit(CarrierAccountChanged(subject_id=key, changes=changes))
    return after


def _known(vault: Vault, account: CarrierAccountRow) -> Sequence[Signing]:
    """Return the secrets that can be opened: nobody can be asked for those that cannot."""
    try:
        return opened(vault, account.id, account.webhook_secrets)
    except CredentialsUnreadable:
        return ()
