"""API keys: create, list, revoke."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from oms_api.cli.console import emit_json, note, read_settings, say, table
from oms_api.cli.database import check_migrated, located
from oms_api.cli.failing import CommandError
from oms_api.domain.access.commands.issue_key import IssuedKey, IssueKey, issue_key
from oms_api.domain.access.commands.revoke_key import RevokedKey, RevokeKey, revoke_key
from oms_api.domain.access.queries import ApiKeySummary, api_keys
from oms_api.kernel.access import Scope, system_principal
from oms_api.kernel.ids import ChannelId, Id, IdKind, LocationId, SupplierId, parse_id, text_id
from oms_api.settings import Settings
from oms_api.wiring import open_work, secrets_of

OPERATOR = system_principal("oms keys")


def create(
    client: str,
    name: str,
    *,
    scopes: set[Scope],
    channels: Collection[str] | None,
    locations: Collection[str] | None,
    suppliers: Collection[str] | None,
    expires_days: int | None,
    as_json: bool,
) -> None:
    """Make a key and print it. Raises: CommandError, without a scope."""
    if not scopes:
        raise CommandError(f"name at least one --scope, or a --preset; scopes are {', '.join(Scope)}")
    expires_at = datetime.now(UTC) + timedelta(days=expires_days) if expires_days else None
    command = IssueKey(
        client=client,
        name=name,
        scopes=scopes,
        channels=_ids(ChannelId, channels),
        locations=_ids(LocationId, locations),
        suppliers=_ids(SupplierId, suppliers),
        expires_at=expires_at,
    )
    with located(read_settings()) as settings:
        check_migrated(settings)
        issued = asyncio.run(_issue(settings, command))
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
    note(f"Keep it now: it cannot be shown again. To end it: oms keys revoke {issued.prefix}")


def show(*, as_json: bool) -> None:
    """Print every key there ever was."""
    with located(read_settings()) as settings:
        check_migrated(settings)
        keys = asyncio.run(_list(settings))
    if as_json:
        emit_json([_shown(key) for key in keys])
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


def revoke(prefix: str, *, as_json: bool) -> None:
    """End a key, named by its prefix or by itself."""
    short = prefix.removeprefix("oms_").partition("_")[0]
    with located(read_settings()) as settings:
        check_migrated(settings)
        revoked = asyncio.run(_revoke(settings, RevokeKey(short)))
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


def _ids(of: Callable[[UUID], Id], texts: Collection[str] | None) -> frozenset[Id] | None:
    return frozenset(parse_id(of, text) for text in texts) if texts else None


def _state(key: ApiKeySummary, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "active"


def _shown(key: ApiKeySummary) -> dict[str, object]:
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
