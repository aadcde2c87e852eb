"""The feed of events: a new epoch after a restore."""

from uuid import UUID

import typer

from oms_api.cli.console import JsonOption, emit_json, read_settings, run, say
from oms_api.cli.database import check_migrated, located
from oms_api.db.session import Tx
from oms_api.domain.events.epoch import begin_epoch
from oms_api.kernel.access import system_principal
from oms_api.settings import Settings
from oms_api.wiring import open_work

OPERATOR = system_principal("oms feed")
app = typer.Typer(help="Look after the feed of events.", no_args_is_help=True)


@app.callback()
def feed() -> None:
    """Look after the feed of events, which subscriptions and `events(after:)` read."""


@app.command("new-epoch")
def new_epoch(*, as_json: JsonOption = False) -> None:
    """Begin the feed anew. Do this once after every restore of a backup, before servers and workers start.

    A backup is older than what clients have seen: their cursors point past its end, and positions will be given a second
    time, to other events. From now on every cursor given before is refused with CURSOR_EXPIRED, so that clients read their
    data again instead of missing events without a word. No event and no data are changed.
    """
    with located(read_settings()) as settings:
        check_migrated(settings)
        epoch = run(_begin(settings))
    if as_json:
        emit_json({"epoch": epoch})
    else:
        say(f"The feed is in epoch {epoch}; every cursor given before is refused.")


async def _begin(settings: Settings) -> UUID:
    async with open_work(settings) as work:
        return await work.execute(OPERATOR, _new_epoch, None)


async def _new_epoch(tx: Tx, _: None) -> UUID:
    return await begin_epoch(tx)
