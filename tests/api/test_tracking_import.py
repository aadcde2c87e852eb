"""Tracking events in bulk: a job takes them, each by itself, and the import tells what came of each."""

from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.jobs import JobKind
from oms_api.domain.shipping.states import PackageStatus
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IntegrationId, JobId, new_uuid, parse_id
from oms_api.workflows.tracking.importing import run_import
from oms_api.workflows.tracking.request_import import JOB
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.ports import ports_of
from tests.factories.scanning import Sent, long_ago, numbered, sent_in_packages
from tests.factories.trading import Shop, findings

IMPORT = """mutation ($input: TrackingImportInput!) { trackingImport(input: $input) {
    trackingImport { id events job { id } } replayed userErrors { code message field } } }"""
IMPORTED = """query ($id: ID!) { trackingImport(by: {id: $id}) { events job { status done total errors { message } }
    items(first: 50) { nodes { position trackingNumber outcome packageId error { code field } } }
    refused(first: 50) { nodes { position } } } }"""
START = long_ago()


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def given(ask: Ask, **more: Any) -> dict[str, Any]:
    return dict((await ask(IMPORT, input={"idempotencyKey": new_uuid().hex, **more}))["trackingImport"])


async def taken(ask: Ask, work: UnitOfWork, made: dict[str, Any]) -> dict[str, Any]:
    """Let the worker take an import, twice, and return what it tells."""
    job = parse_id(JobId, made["trackingImport"]["job"]["id"])
    await carry_out(work, ports_of(work), {JOB: JobKind(name=JOB, run=run_import)}, job, Tries(0))
    return dict((await ask(IMPORTED, id=made["trackingImport"]["id"]))["trackingImport"])


async def parcel(shop: Shop, number: str) -> Sent:
    sent = await sent_in_packages(shop, (1,), at=START)
    await numbered(shop, sent, number, carrier="Dove")
    return sent


async def test_a_file_is_taken_row_by_row(ask: Ask, shop: Shop, work: UnitOfWork) -> None:
    one, two = Given.code("N"), Given.code("N")
    first, second = await parcel(shop, one), await parcel(shop, two)
    at = START.isoformat()
    rows = [
        "\ufefftrackingNumber,status,occurredAt,message,id",
        f'{one},DELIVERED,{at},"Left with neighbor, no. 7",1',
        f"{one},IN_TRANSIT,{at},,",
        f"{two},LOST,{at},,",
        "",
        f"{two},GONE,{at},,",
        f"{one},DELIVERED,{at},,1",
        f"NOBODY,DELIVERED,{at},,",
        f"{two},DELIVERED,2100-01-01T00:00:00Z,,",
        f",DELIVERED,{at},,",
        f"{two},DELIVERED,{at},,,more",
        f"{two},DELIVERED",
    ]
    made = await given(ask, csv="\r\n".join(rows))
    assert made["userErrors"] == []
    done = await taken(ask, work, made)
    assert [(item["outcome"], (item["error"] or {}).get("code")) for item in done["items"]["nodes"]] == [
        ("KEPT", None),
        ("KEPT", None),
        ("KEPT", None),
        ("REFUSED", "INVALID_VALUE"),
        ("KNOWN", None),
        ("REFUSED", "NOT_FOUND"),
        *[("REFUSED", "INVALID_VALUE")] * 4,
    ]
    assert [item["position"] for item in done["refused"]["nodes"]] == [3, 5, 6, 7, 8, 9]
    assert (done["job"]["status"], done["job"]["done"], done["job"]["total"]) == ("COMPLETED_WITH_ERRORS", 10, 10)
    statuses = [(await shop.packages(each.order.id))[0].status for each in (first, second)]
    assert statuses == [PackageStatus.DELIVERED, PackageStatus.LOST]
    assert await findings(work) == []


async def test_events_are_taken_as_a_file_is(ask: Ask, shop: Shop, work: UnitOfWork) -> None:
    number = Given.code("N")
    sent = await parcel(shop, number)
    events = [{"trackingNumber": number, "status": status, "occurredAt": START.isoformat()} for status in ("LOST", "DELIVERED")]
    made = await given(ask, events=[*events, {**events[0], "carrier": "Pigeon"}])
    done = await taken(ask, work, made)
    assert [item["outcome"] for item in done["items"]["nodes"]] == ["KEPT", "KEPT", "REFUSED"]
    assert (await shop.packages(sent.order.id))[0].status is PackageStatus.DELIVERED
    again = await taken(ask, work, await given(ask, events=events))
    assert [item["outcome"] for item in again["items"]["nodes"]] == ["KNOWN", "KNOWN"]
    assert again["job"]["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({}, "INVALID_VALUE", ["events"]),
        ({"csv": "", "events": []}, "INVALID_VALUE", ["events"]),
        ({"events": []}, "INVALID_VALUE", ["events"]),
        ({"csv": ""}, "INVALID_VALUE", ["csv"]),
        ({"csv": "trackingNumber,status\n"}, "INVALID_VALUE", ["csv"]),
        ({"csv": "trackingNumber,status,occurredAt\n"}, "INVALID_VALUE", ["csv"]),
        ({"csv": "trackingNumber,status,occurredAt,weight\n"}, "INVALID_VALUE", ["csv"]),
        ({"csv": "trackingNumber,status,occurredAt,status\n"}, "INVALID_VALUE", ["csv"]),
        ({"csv": 'trackingNumber,status,occurredAt\n"A"B,c\n'}, "INVALID_VALUE", ["csv"]),
        ({"csv": "trackingNumber,status,occurredAt\n" + "x" * 200_000}, "INVALID_VALUE", ["csv"]),
        ({"csv": "trackingNumber,status,occurredAt\n" + "a,b,c\n" * 10_001}, "TOO_MANY_ITEMS", ["csv"]),
    ],
)
async def test_what_is_no_such_file_is_refused_whole(ask: Ask, more: dict[str, Any], code: str, field: list[str]) -> None:
    assert refusals(await given(ask, **more)) == [(code, field)]


async def test_an_import_is_its_clients_own_and_needs_a_key_without_limits(work: UnitOfWork, ask: Ask) -> None:
    mine = await given(ask, csv="trackingNumber,status,occurredAt\nA,B,C\n")
    other = Principal(client_id=IntegrationId(new_uuid()), name="other", scopes=frozenset(Scope) - {Scope.SYSTEM})
    assert (await Ask(work, other)(IMPORTED, id=mine["trackingImport"]["id"]))["trackingImport"] is None
    limited = Principal(client_id=other.client_id, name="x", scopes=frozenset(Scope), locations=frozenset())
    assert [code for code, _ in refusals(await given(Ask(work, limited), csv="x"))] == ["LIMITED_KEY"]
