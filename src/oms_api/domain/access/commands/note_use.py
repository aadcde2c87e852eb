"""Remember when a key was last used."""

from datetime import timedelta

from sqlalchemy import or_, update

from oms_api.db.session import Tx
from oms_api.domain.access.tables import ApiKey
from oms_api.kernel.ids import ApiKeyId

NOTED_EVERY = timedelta(minutes=1)


async def note_use(tx: Tx, key_id: ApiKeyId) -> int:
    """Write that the key is being used, unless that was written within the last minute."""
    return await tx.run(
        update(ApiKey)
        .where(ApiKey.id == key_id, or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= tx.now - NOTED_EVERY))
        .values(last_used_at=tx.now)
    )
