"""API keys: made once, checked without the database, ended within five seconds."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from uuid import uuid4

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.access import keyring as keyrings
from oms_api.domain.access.commands.issue_key import IssuedKey, IssueKey, issue_key
from oms_api.domain.access.commands.revoke_key import RevokeKey, revoke_key
from oms_api.domain.access.errors import NoScopes, Unauthenticated
from oms_api.domain.access.key_text import new_key_text, parse_key_text
from oms_api.domain.access.keyring import Fresh, Keyring
from oms_api.domain.access.queries import api_keys
from oms_api.domain.access.tables import ApiKeyRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.errors import InvalidValue, NotFound
from oms_api.kernel.secrets import Secrets
from tests.factories.asking import counted_statements, no_statements
from tests.factories.raw import raw

SECRETS = Secrets(("a secret for the tests of this module",))
ORDERS = frozenset({Scope.ORDERS_READ})


async def issued(work: UnitOfWork, principal: Principal, **changes: object) -> IssuedKey:
    command = IssueKey(**{"client": "shop", "name": "test", "scopes": ORDERS, **changes})  # type: ignore[arg-type]
    return await work.execute(principal, partial(issue_key, secrets=SECRETS), command)


async def holds(keyring: Keyring, text_: str) -> bool:
    try:
        await keyring.principal(text_)
    except Unauthenticated:
        return False
    return True


def test_a_key_survives_being_written_down() -> None:
    key = new_key_text()
    assert parse_key_text(str(key)) == key
    assert key.secret not in repr(key)


@pytest.mark.parametrize("at", range(52))
def test_a_typo_in_a_key_is_noticed(at: int) -> None:
    text_ = str(new_key_text())
    typo = "x" if text_[at] != "x" else "y"
    with pytest.raises(Unauthenticated):
        parse_key_text(text_[:at] + typo + text_[at + 1 :])


@pytest.mark.parametrize("given", ["", "oms", "oms__", "oms_abc", "é" * 52, "oms_" + "0" * 8 + "_" + "0" * 39, "\ud800"])
def test_what_is_no_key_is_refused(given: str) -> None:
    with pytest.raises(Unauthenticated):
        parse_key_text(given)


async def test_a_mistyped_key_costs_no_statement(work: UnitOfWork) -> None:
    async with no_statements(work):
        with pytest.raises(Unauthenticated):
            await Keyring(work, SECRETS).principal(str(new_key_text())[:-1])


async def test_a_key_gives_its_principal_with_scopes_and_limits(work: UnitOfWork, principal: Principal) -> None:
    channel = uuid4()
    key = await issued(work, principal, client="limited", channels={channel}, locations=set())
    found = await Keyring(work, SECRETS).principal(key.text)
    assert (found.name, found.scopes, found.key_id) == ("limited", ORDERS, key.id)
    assert found.channels == frozenset({channel})
    assert found.locations == frozenset()
    assert found.suppliers is None


async def test_a_rotated_key_belongs_to_the_same_client(work: UnitOfWork, principal: Principal) -> None:
    keyring = Keyring(work, SECRETS)
    old, new = await issued(work, principal, client="rotating"), await issued(work, principal, client="rotating")
    assert (await keyring.principal(old.text)).client_id == (await keyring.principal(new.text)).client_id


async def test_neither_the_key_nor_its_secret_is_stored(work: UnitOfWork, principal: Principal) -> None:
    key = await issued(work, principal)
    async with work.reads(principal) as read:
        row = (await read.all(raw(select(ApiKeyRow).where(ApiKeyRow.id == key.id))))[0]
    secret = parse_key_text(key.text).secret
    assert secret not in str(row)
    assert row.digest == SECRETS.sign("api-key", key.text.encode())


async def test_another_installations_key_is_unknown(work: UnitOfWork, principal: Principal) -> None:
    key = await issued(work, principal)
    with pytest.raises(Unauthenticated):
        await Keyring(work, Secrets(("the secret of another installation",))).principal(key.text)


async def test_an_older_secret_still_verifies(work: UnitOfWork, principal: Principal) -> None:
    key = await issued(work, principal)
    rotated = Secrets(("a new secret that signs from now on", "a secret for the tests of this module"))
    assert (await Keyring(work, rotated).principal(key.text)).key_id == key.id


async def test_a_known_key_costs_no_statement(work: UnitOfWork, principal: Principal) -> None:
    keyring, key = Keyring(work, SECRETS), await issued(work, principal)
    await keyring.principal(key.text)
    await keyring.stop()
    async with no_statements(work):
        for _ in range(100):
            await keyring.principal(key.text)


async def test_many_who_come_at_once_are_looked_up_once(work: UnitOfWork, principal: Principal) -> None:
    keyring, key = Keyring(work, SECRETS), await issued(work, principal)
    await keyring.principal(key.text)
    await keyring.stop()
    keyring.holders.kept.clear()
    with counted_statements() as sent:
        await asyncio.gather(*(keyring.principal(key.text) for _ in range(50)))
    assert len(sent) == 1


async def test_a_revoked_key_stops_within_five_seconds(work: UnitOfWork, principal: Principal) -> None:
    keyring, key = Keyring(work, SECRETS), await issued(work, principal)
    holder = await keyring.principal(key.text)
    assert await keyring.still_valid(holder)
    await work.execute(principal, revoke_key, RevokeKey(key.prefix))
    start = monotonic()
    while await keyring.still_valid(holder):  # noqa: ASYNC110 - only time brings the answer
        await asyncio.sleep(0.05)
    while await holds(keyring, key.text):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    assert monotonic() - start < 5 - 2  # open connections look every 2 seconds


async def test_an_expired_key_is_refused_at_once_although_it_is_remembered(work: UnitOfWork, principal: Principal) -> None:
    now = datetime.now(UTC)
    clock = [now]
    timed = UnitOfWork(work.pool, clock=lambda: clock[0])
    key = await issued(timed, principal, expires_at=now + timedelta(minutes=5))
    keyring = Keyring(timed, SECRETS)
    holder = await keyring.principal(key.text)
    clock[0] = now + timedelta(minutes=5)
    with pytest.raises(Unauthenticated, match="expired"):
        await keyring.principal(key.text)
    assert not await keyring.still_valid(holder)
    with pytest.raises(Unauthenticated, match="expired"):
        await Keyring(timed, SECRETS).principal(key.text)
    await keyring.stop()


async def test_last_use_is_noted_at_most_once_a_minute(work: UnitOfWork, principal: Principal) -> None:
    key = await issued(work, principal)

    async def last_used(at: datetime) -> datetime | None:
        keyring = Keyring(UnitOfWork(work.pool, clock=lambda: at), SECRETS)
        await keyring.principal(key.text)
        await keyring.stop()
        async with work.reads(principal) as read:
            return await read.value(raw(select(ApiKeyRow.last_used_at).where(ApiKeyRow.id == key.id)))

    start = datetime(2030, 1, 1, tzinfo=UTC)
    assert await last_used(start) == start
    assert await last_used(start + timedelta(seconds=59)) == start
    assert await last_used(start + timedelta(seconds=60)) == start + timedelta(seconds=60)


async def test_a_use_that_cannot_be_noted_harms_nobody(work: UnitOfWork, principal: Principal) -> None:
    key = await issued(work, principal)
    async with work.pool.lease() as locker, locker.transaction():
        await locker.execute("SELECT 1 FROM api_key WHERE id = %s FOR UPDATE", (key.id,))
        start = monotonic()
        keyring = Keyring(work, SECRETS)
        assert (await keyring.principal(key.text)).key_id == key.id
        assert monotonic() - start < 1
    await keyring.stop()


async def test_revoking_twice_keeps_the_first_time_and_an_unknown_prefix_is_not_found(
    work: UnitOfWork, principal: Principal
) -> None:
    key = await issued(work, principal)
    first = await work.execute(principal, revoke_key, RevokeKey(key.prefix))
    assert await work.execute(principal, revoke_key, RevokeKey(key.prefix)) == first
    with pytest.raises(NotFound):
        await work.execute(principal, revoke_key, RevokeKey("nosuchky"))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"scopes": frozenset()}, NoScopes),
        ({"client": ""}, InvalidValue),
        ({"name": " x"}, InvalidValue),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, InvalidValue),
    ],
)
async def test_a_key_that_makes_no_sense_is_not_made(
    work: UnitOfWork, principal: Principal, changes: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await issued(work, principal, **changes)


async def test_keys_are_listed_without_secrets(work: UnitOfWork, principal: Principal) -> None:
    key = await issued(work, principal, client="listed")
    async with work.reads(principal) as read:
        found = [one for one in await api_keys(read) if one.id == key.id]
    assert [(one.client, one.prefix, one.scopes) for one in found] == [("listed", key.prefix, ("orders:read",))]
    assert "digest" not in repr(found)


async def test_what_is_remembered_is_bounded_and_failures_are_not_kept() -> None:
    fresh: Fresh[int, int] = Fresh(seconds=60, most=3)

    async def answer(value: int) -> int:
        if value < 0:
            raise Unauthenticated
        return value

    for number in range(10):
        await fresh.ask(number, partial(answer, number))
    assert list(fresh.kept) == [7, 8, 9]
    with pytest.raises(Unauthenticated):
        await fresh.ask(9, partial(answer, -1))
    assert fresh.get(9) is None
    assert not fresh.asking


def test_the_cache_and_the_look_at_open_connections_together_take_less_than_five_seconds() -> None:
    from oms_api.http import event_stream, socket  # noqa: PLC0415

    assert keyrings.TRUSTED_S + max(event_stream.LOOK_S, socket.LOOK_S) < 5
