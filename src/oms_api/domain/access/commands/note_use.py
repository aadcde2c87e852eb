"""Remember when a key was last used."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update

from oms_api.db.session import Tx
from oms_api.db.statements import Select, statement
from oms_api.domain.access.tables import ApiKeyRow
from oms_api.kernel.ids import ApiKeyId

NOTED_EVERY = timedelta(minutes=1)


@statement
def noted(key_id: ApiKeyId, now: datetime, before: datetime) -> Select[Any]:
    """The key, once it is written that it is used *now*; nothing where that was written after *before*."""
    due = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= before)
    return update(ApiKeyRow).where(ApiKeyRow.id == key_id, due).values(last_used_at=now).returning(ApiKeyRow.id)


async def note_use(tx: Tx, key_id: ApiKeyId) -> None:
    """Write that the key is being used, unless that was written within the last minute."""
    await tx.all(noted(key_id, tx.now, tx.now - NOTED_EVERY))
