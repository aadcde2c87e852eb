"""Webhooks of carriers: signed by the secret of an account, without an API key."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.errors import CredentialsUnreadable, SignatureExpired, SignatureWrong
from oms_api.domain.ports import Ports
from oms_api.http.exchange import exchange_of, header
from oms_api.http.files import refused
from oms_api.http.reading import decode, read_body
from oms_api.http.refusals import JSON, RETRY_AFTER, HttpRefusal, unavailable
from oms_api.http.shares import UnderWay
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import Busy, OmsError, Unavailable
from oms_api.kernel.naming import LONGEST_CODE
from oms_api.workflows.labels.desk import Desk
from oms_api.workflows.tracking.scans import Outcome
from oms_api.workflows.tracking.webhook import account_that_signed, take_webhook

PATH = "/webhooks/carriers"
LARGEST_BODY = 1 << 20
SIGNATURE = b"oms-signature"
MOST_READ, MOST_TAKEN = 200, 16
"""How many webhooks a process reads at once, of whoever sends them, and how many it takes that are signed."""
WEBHOOKS = "TOO_MANY_WEBHOOKS", "{most} webhooks are under way here: send this one again."
READ_S, DEADLINE_S = 10.0, 30.0
CALLER = system_principal("carrier webhooks")
STATUSES: dict[type[OmsError], int] = {SignatureWrong: 401, SignatureExpired: 401, CredentialsUnreadable: 503}


def routes(work: UnitOfWork, ports: Ports) -> list[Route]:
    """Return the route of webhooks."""
    reading, taking = UnderWay(MOST_READ, *WEBHOOKS), UnderWay(MOST_TAKEN, *WEBHOOKS)

    async def webhook(request: Request) -> Response:
        try:
            body = await read(request)
            async with asyncio.timeout(DEADLINE_S):
                return await answered(request, body)
        except HttpRefusal as refusal:
            return refused(request, refusal)
        except (Busy, Unavailable) as error:
            return refused(request, unavailable(error))
        except TimeoutError:
            message = f"This took more than {DEADLINE_S:g} s: send it again, what was kept is known then."
            return refused(request, HttpRefusal(503, "DEADLINE_EXCEEDED", message, [RETRY_AFTER]))
        except OmsError as error:
            first = error.causes[0]
            return refused(request, HttpRefusal(STATUSES.get(type(first), 400), first.code, first.message))

    async def read(request: Request) -> bytes:
        if header(request.scope, b"content-encoding") not in {None, b"identity"}:
            raise HttpRefusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as it is, without a Content-Encoding.")
        try:
            with reading.one_more():
                async with asyncio.timeout(READ_S):
                    return await read_body(request.scope, request.receive, LARGEST_BODY)
        except TimeoutError as error:
            message = f"The body did not arrive within {READ_S:g} s."
            raise HttpRefusal(408, "REQUEST_TIMEOUT", message, [(b"connection", b"close")]) from error

    async def answered(request: Request, body: bytes) -> Response:
        code, signed = str(request.path_params["code"])[: LONGEST_CODE + 1].replace("\0", ""), header(request.scope, SIGNATURE)
        desk = Desk(work, CALLER, ports)
        async with work.reads(CALLER) as read:
            account = await account_that_signed(read, desk, code, (signed or b"").decode("latin-1"), body)
        caller = system_principal(f"carrier {account.code}")
        exchange_of(request.scope).client = caller.name
        with taking.one_more():
            outcomes = await take_webhook(replace(desk, principal=caller), account, decode(body))
        return Response(
            orjson.dumps({"events": shown(outcomes)}), headers={"cache-control": "no-store"}, media_type=JSON.decode()
        )

    return [Route(f"{PATH}/{{code:path}}", webhook, methods=["POST"])]


def shown(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return what came of each event, as the carrier reads it."""
    return [
        {"result": each.outcome}
        | ({} if each.error is None else {"code": each.error.code, "message": each.error.message, "field": each.error.field})
        for each in outcomes
    ]
