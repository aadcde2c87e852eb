"""The feed of events: a new epoch after a restore."""

import asyncio
from uuid import UUID

from oms_api.cli.console import emit_json, read_settings, say
from oms_api.cli.database import check_migrated, located
from oms_api.db.session import Tx
from oms_api.domain.events.epoch import begin_epoch
from oms_api.kernel.access import system_principal
from oms_api.settings import Settings
from oms_api.wiring import open_work

OPERATOR = system_principal("oms feed")


def new_epoch(*, as_json: bool) -> None:
    """Begin the feed anew and print its epoch."""
    with located(read_settings()) as settings:
        check_migrated(settings)
        epoch = asyncio.run(_begin(settings))
    if as_json:
        emit_json({"epoch": epoch})
    else:
        say(f"The feed is in epoch {epoch}; every cursor given before is refused.")


async def _begin(settings: Settings) -> UUID:
    async with open_work(settings) as work:
        return await work.execute(OPERATOR, _new_epoch, None)


async def _new_epoch(tx: Tx, _: None) -> UUID:
    return await begin_epoch(tx)
