"""Webhooks of carriers: what an account signs is taken, each event by itself; what it did not sign is not even read."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import orjson
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.commands.rotate_webhook_secret import RotateWebhookSecret, rotate_webhook_secret
from oms_api.domain.carriers.tables import CarrierAccountRow
from oms_api.domain.carriers.webhooks import new_secret, signature
from oms_api.domain.shipping.states import PackageStatus
from oms_api.http.refusals import HttpRefusal
from oms_api.http.shares import UnderWay
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.carriage import account_of
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.ports import ports_of
from tests.factories.scanning import Sent, long_ago, numbered, sent_in_packages
from tests.factories.served import Served, served, settings_for
from tests.factories.trading import Shop, findings

ROTATE = """mutation ($input: CarrierWebhookSecretRotateInput!) { carrierWebhookSecretRotate(input: $input) {
    secret carrierAccount { webhookSecretRotatedAt } replayed userErrors { code field } } }"""
START = long_ago()


@pytest.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Served]:
    async with served(settings_for(database)) as running:
        yield running


@dataclass
class Sender:
    """A carrier that tells of an account's parcels."""

    client: httpx.AsyncClient
    oms: Any
    account: CarrierAccountRow
    secret: str = ""

    async def rotate(self) -> str:
        self.secret = new_secret()
        command = partial(rotate_webhook_secret, vault=self.oms.ports.vault, secret=self.secret)
        await self.oms.work.execute(SYSTEM, command, RotateWebhookSecret(account_id=self.account.id))
        return self.secret

    async def send(
        self,
        body: Any,
        *,
        late_s: int = 0,
        secret: str | None = None,
        code: str | None = None,
        signed: bytes = b"",
        coding: str = "",
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        moment = int(datetime.now(UTC).timestamp()) - late_s
        right = f"t={moment},v1={signature(secret or self.secret, moment, content)}".encode()
        headers = {b"oms-signature": signed or right, **({b"content-encoding": coding.encode()} if coding else {})}
        path = f"/webhooks/carriers/{code or self.account.code}"
        return await self.client.post(path, content=content, headers=headers)


@pytest.fixture
async def sender(server: Served, work: UnitOfWork) -> AsyncIterator[Sender]:
    async with httpx.AsyncClient(base_url=server.address, timeout=20) as client:
        sender = Sender(client, server.oms, await account_of(work, ports_of(work), "builtin"))
        await sender.rotate()
        yield sender
    assert await findings(work) == []


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


async def parcel(shop: Shop, number: str, *, carrier: str = "builtin") -> Sent:
    sent = await sent_in_packages(shop, (1,), at=START)
    await numbered(shop, sent, number, carrier=carrier)
    return sent


def event(number: str, status: str, minutes: int, **more: object) -> dict[str, object]:
    return {"trackingNumber": number, "status": status, "occurredAt": moment(minutes), "code": status[:2], **more}


def moment(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def refused(answer: httpx.Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"]


async def status(shop: Shop, sent: Sent) -> PackageStatus:
    return (await shop.packages(sent.order.id))[0].status


async def test_what_is_signed_is_taken_each_event_by_itself(sender: Sender, shop: Shop) -> None:
    number = Given.code("N")
    sent = await parcel(shop, number)
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    events = [
        event(number, "DELIVERED", 90, id="7"),
        event(number, "IN_TRANSIT", 10, message="Sorted", place="Leeds"),
        event(number, "IN_TRANSIT", 10),
        event("NOBODY", "IN_TRANSIT", 10),
        event(number, "IN_TRANSIT", 0, occurredAt=future),
        event(number, "ELSEWHERE", 10),
        event(number, "LOST", 200, id=7),
        {"trackingNumber": number},
        "nonsense",
        event(number, "IN_TRANSIT", 0, occurredAt="2026-05-04T09:30:00"),
        event(number, "LOST", 200, code="x" * 256),
    ]
    answer = await sender.send({"events": events, "further": True})
    assert answer.status_code == 200
    results = answer.json()["events"]
    assert [(each["result"], each.get("code"), each.get("field")) for each in results] == [
        ("KEPT", None, None),
        ("KEPT", None, None),
        ("KNOWN", None, None),
        ("REFUSED", "NOT_FOUND", ["trackingNumber"]),
        ("REFUSED", "INVALID_VALUE", ["occurredAt"]),
        ("REFUSED", "INVALID_VALUE", ["status"]),
        ("REFUSED", "INVALID_VALUE", ["id"]),
        ("REFUSED", "INVALID_VALUE", ["status"]),
        ("REFUSED", "INVALID_VALUE", []),
        ("REFUSED", "INVALID_VALUE", ["occurredAt"]),
        ("REFUSED", "INVALID_VALUE", ["code"]),
    ]
    assert await status(shop, sent) is PackageStatus.DELIVERED
    again = await sender.send({"events": events[:2]})
    assert [each["result"] for each in again.json()["events"]] == ["KNOWN", "KNOWN"]
    late = await sender.send({"events": [event(number, "LOST", 300), event(number, "IN_TRANSIT", 5)]})
    assert [each["result"] for each in late.json()["events"]] == ["KEPT", "KEPT"]
    assert await status(shop, sent) is PackageStatus.DELIVERED


async def test_an_account_tells_of_its_own_carriers_parcels_only(sender: Sender, shop: Shop) -> None:
    foreign, twice = Given.code("N"), Given.code("N")
    await parcel(shop, foreign, carrier="Somebody else")
    for _ in range(2):
        await parcel(shop, twice, carrier="Built-in")
    answer = await sender.send({"events": [event(foreign, "DELIVERED", 1), event(twice, "DELIVERED", 1)]})
    codes = [each["code"] for each in answer.json()["events"]]
    assert codes == ["NOT_FOUND", "TRACKING_NUMBER_AMBIGUOUS"]


async def test_a_wrong_or_old_signature_is_refused(sender: Sender, shop: Shop) -> None:
    number = Given.code("N")
    sent, body = await parcel(shop, number), {"events": [event(number, "DELIVERED", 1)]}
    assert refused(await sender.send(body, secret="another")) == (401, "SIGNATURE_WRONG")
    assert refused(await sender.send(body, code="no-such-account")) == (401, "SIGNATURE_WRONG")
    for header in ("-", "t=1", "v1=00", "t=now,v1=00", "t=-1,v1=00", f"t={'9' * 40},v1=00", "t=1,v1=é", "t=²,v1=00", ",=,"):
        assert refused(await sender.send(body, signed=header.encode())) == (401, "SIGNATURE_WRONG")
    for late_s in (301, -301, 10**9):
        assert refused(await sender.send(body, late_s=late_s)) == (401, "SIGNATURE_EXPIRED")
    assert (await sender.client.get(f"/webhooks/carriers/{sender.account.code}")).status_code == 405
    assert await status(shop, sent) is PackageStatus.SHIPPED
    assert (await sender.send(body, late_s=290)).status_code == 200


async def test_an_old_secret_is_good_for_a_day(sender: Sender) -> None:
    first = sender.secret
    await sender.rotate()
    second = sender.secret
    await sender.rotate()
    body = {"events": [event("NOBODY", "DELIVERED", 1)]}
    assert [(await sender.send(body, secret=each)).status_code for each in (first, second, sender.secret)] == [200] * 3


async def test_a_body_that_cannot_be_taken_is_refused_whole(sender: Sender) -> None:
    assert refused(await sender.send(b"x" * (5 << 20))) == (413, "PAYLOAD_TOO_LARGE")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 16)

    path = f"/webhooks/carriers/{sender.account.code}"
    assert refused(await sender.client.post(path, content=endless())) == (413, "PAYLOAD_TOO_LARGE")
    assert refused(await sender.send(b"{")) == (400, "BAD_REQUEST")
    assert refused(await sender.send(b'{"events": ["\\u0000"]}')) == (400, "BAD_REQUEST")
    bodies: list[Any] = [[], {}, {"events": None}, {"events": []}]
    for body in bodies:
        assert refused(await sender.send(body)) == (400, "INVALID_VALUE")
    assert refused(await sender.send({"events": [{}] * 251})) == (400, "TOO_MANY_ITEMS")
    assert refused(await sender.send(b"{}", coding="gzip")) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_only_so_many_are_under_way_at_once() -> None:
    under_way = UnderWay(1, "TOO_MANY_WEBHOOKS", "{most} are")
    with under_way.one_more():
        with pytest.raises(HttpRefusal) as caught, under_way.one_more():
            pass
        assert (caught.value.status, caught.value.code) == (429, "TOO_MANY_WEBHOOKS")
        with under_way.one_more("another"):
            assert under_way.counts == {None: 1, "another": 1}
    assert not under_way.counts


async def test_a_code_may_have_slashes(sender: Sender, work: UnitOfWork) -> None:
    slashed = await account_of(work, ports_of(work), "builtin", code=f"north/{Given.code('A')}")
    other = Sender(sender.client, sender.oms, slashed)
    await other.rotate()
    assert (await other.send({"events": [event("NOBODY", "LOST", 1)]})).status_code == 200


async def test_a_secret_is_shown_once(work: UnitOfWork) -> None:
    account, ask = await account_of(work, ports_of(work), "builtin"), Ask(work, SYSTEM)
    given = {"idempotencyKey": Given.code("K"), "accountId": text_id(IdKind.CARRIER_ACCOUNT, account.id)}
    made = (await ask(ROTATE, input=given))["carrierWebhookSecretRotate"]
    assert made["secret"].startswith("whsec_")
    assert made["carrierAccount"]["webhookSecretRotatedAt"] is not None
    again = (await ask(ROTATE, input=given))["carrierWebhookSecretRotate"]
    assert (again["secret"], again["replayed"], again["userErrors"]) == (None, True, [])
    wrong = {**given, "idempotencyKey": Given.code("K"), "expectedVersion": 1}
    assert refusals((await ask(ROTATE, input=wrong))["carrierWebhookSecretRotate"]) == [
        ("VERSION_CONFLICT", ["expectedVersion"])
    ]
    limited = Principal(client_id=SYSTEM.client_id, name="x", scopes=frozenset(Scope), channels=frozenset())
    refused_ = (await Ask(work, limited)(ROTATE, input=given | {"idempotencyKey": "other"}))["carrierWebhookSecretRotate"]
    assert [code for code, _ in refusals(refused_)] == ["LIMITED_KEY"]
