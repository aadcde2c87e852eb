"""API keys: create, list, revoke."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from oms_api.cli.console import CommandError, JsonOption, emit_json, read_settings, run, say, table
from oms_api.cli.database import check_migrated, located
from oms_api.domain.access.commands.issue_key import IssuedKey, IssueKey, issue_key
from oms_api.domain.access.commands.revoke_key import RevokedKey, RevokeKey, revoke_key
from oms_api.domain.access.queries import ApiKeySummary, api_keys
from oms_api.kernel.access import Scope, system_principal
from oms_api.kernel.ids import ChannelId, Id, IdKind, LocationId, SupplierId, parse_id, text_id
from oms_api.settings import Settings
from oms_api.wiring import open_work, secrets_of

OPERATOR = system_principal("oms keys")
READING = frozenset(scope for scope in Scope if scope.value.endswith(":read"))
app = typer.Typer(help="Make, list and end API keys.", no_args_is_help=True)


class Preset(StrEnum):
    """Scopes that are often wanted together."""

    ALL = "all"
    READ = "read"


@app.command()
def create(
    client: Annotated[str, typer.Argument(help="Who gets it: a shop, a warehouse. Keys of one client share idempotency keys.")],
    name: Annotated[str, typer.Option(help="What tells this key from the client's others.")] = "default",
    scope: Annotated[list[Scope] | None, typer.Option("--scope", "-s", help="A right; may be given many times.")] = None,
    preset: Annotated[Preset | None, typer.Option(help="Every scope, or every scope that only reads.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only this channel (channel_01h...); many times.")] = None,
    location: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this location (location_01h...); many times. Orders and holds of a channel take from all of its own."
        ),
    ] = None,
    supplier: Annotated[list[str] | None, typer.Option(help="Only this supplier (supplier_01h...); many times.")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, max=36_500, help="For how many days it holds.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Make an API key and print it. It is shown this once: only a fingerprint is stored.

    Example: oms keys create webshop --scope orders:write --scope orders:read
    """
    scopes = set(scope or ()) | (set(Scope) if preset is Preset.ALL else set(READING) if preset is Preset.READ else set())
    if not scopes:
        raise CommandError(f"name at least one --scope, or a --preset; scopes are {', '.join(Scope)}")
    expires_at = datetime.now(UTC) + timedelta(days=expires_days) if expires_days else None
    command = IssueKey(
        client=client,
        name=name,
        scopes=scopes,
        channels=_ids(ChannelId, channel),
        locations=_ids(LocationId, location),
        suppliers=_ids(SupplierId, supplier),
        expires_at=expires_at,
    )
    with located(read_settings()) as settings:
        check_migrated(settings)
        issued = run(_issue(settings, command))
    if as_json:
        emit_json(
            {
                "id": text_id(IdKind.API_KEY, issued.id),
                "client": client,
                "name": name,
                "prefix": issued.prefix,
                "key": issued.text,
                "scopes": sorted(scopes),
                "expiresAt": expires_at,
            }
        )
        return
    say(issued.text)
    typer.echo(f"Keep it now: it cannot be shown again. To end it: oms keys revoke {issued.prefix}", err=True)


@app.command("list")
def list_keys(*, as_json: JsonOption = False) -> None:
    """Show every key there ever was, without its secret."""
    with located(read_settings()) as settings:
        check_migrated(settings)
        keys = run(_list(settings))
    if as_json:
        emit_json([_told(key) for key in keys])
        return
    now = datetime.now(UTC)
    rows = [
        {
            "PREFIX": key.prefix,
            "CLIENT": key.client,
            "NAME": key.name,
            "STATE": _state(key, now),
            "LAST USED": f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
            "SCOPES": "all" if set(key.scopes) == set(Scope) else " ".join(key.scopes),
        }
        for key in keys
    ]
    table(rows, empty="There are no keys. Make one: oms keys create CLIENT --preset all")


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The key's prefix, from `oms keys list`; or the key itself.")],
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """End an API key for good. Servers refuse it, and close its subscriptions, within 5 seconds."""
    short = prefix.removeprefix("oms_").partition("_")[0]
    with located(read_settings()) as settings:
        check_migrated(settings)
        revoked = run(_revoke(settings, RevokeKey(short)))
    if as_json:
        emit_json({"id": text_id(IdKind.API_KEY, revoked.id), "prefix": revoked.prefix, "revokedAt": revoked.revoked_at})
    else:
        say(f"{revoked.prefix} was revoked on {revoked.revoked_at:%Y-%m-%d at %H:%M:%S %Z}.")


async def _issue(settings: Settings, command: IssueKey) -> IssuedKey:
    async with open_work(settings) as work:
        return await work.execute(OPERATOR, partial(issue_key, secrets=secrets_of(settings)), command)


async def _list(settings: Settings) -> list[ApiKeySummary]:
    async with open_work(settings) as work, work.reads(OPERATOR) as read:
        return list(await api_keys(read))


async def _revoke(settings: Settings, command: RevokeKey) -> RevokedKey:
    async with open_work(settings) as work:
        return await work.execute(OPERATOR, revoke_key, command)


def _ids(of: Callable[[UUID], Id], texts: list[str] | None) -> frozenset[Id] | None:
    return frozenset(parse_id(of, text) for text in texts) if texts else None


def _state(key: ApiKeySummary, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "active"


def _told(key: ApiKeySummary) -> dict[str, object]:
    return {
        "id": text_id(IdKind.API_KEY, key.id),
        "clientId": text_id(IdKind.INTEGRATION, key.client_id),
        "client": key.client,
        "name": key.name,
        "prefix": key.prefix,
        "state": _state(key, datetime.now(UTC)),
        "scopes": key.scopes,
        "channelIds": _texts(IdKind.CHANNEL, key.channel_ids),
        "locationIds": _texts(IdKind.LOCATION, key.location_ids),
        "supplierIds": _texts(IdKind.SUPPLIER, key.supplier_ids),
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "lastUsedAt": key.last_used_at,
        "revokedAt": key.revoked_at,
    }


def _texts(kind: IdKind, ids: Sequence[UUID] | None) -> list[str] | None:
    return None if ids is None else [text_id(kind, found) for found in ids]
