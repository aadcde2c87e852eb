"""Jobs are started and canceled by mutations."""

from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask

START = "mutation ($key: String!) { systemCheck(input: {idempotencyKey: $key}) { job { id } } }"
CANCEL = """mutation ($key: String!, $id: ID!) { jobCancel(input: {idempotencyKey: $key, jobId: $id}) {
    replayed userErrors { code field } job { id status finishedAt } } }"""


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


async def test_a_job_is_canceled_once(ask: Ask) -> None:
    job = (await ask(START, key=uuid4().hex))["systemCheck"]["job"]["id"]
    key = uuid4().hex
    canceled = (await ask(CANCEL, key=key, id=job))["jobCancel"]
    assert (canceled["replayed"], canceled["userErrors"]) == (False, [])
    assert (canceled["job"]["id"], canceled["job"]["status"]) == (job, "CANCELED")
    assert canceled["job"]["finishedAt"] is not None
    assert (await ask(CANCEL, key=key, id=job))["jobCancel"] == {**canceled, "replayed": True}
    again = (await ask(CANCEL, key=uuid4().hex, id=job))["jobCancel"]
    assert again["userErrors"] == [{"code": "ILLEGAL_MOVE", "field": ["jobId"]}]
    missing = (await ask(CANCEL, key=uuid4().hex, id=text_id(IdKind.JOB, new_uuid())))["jobCancel"]
    assert missing["userErrors"] == [{"code": "NOT_FOUND", "field": ["jobId"]}]
