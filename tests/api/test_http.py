"""The door: what is read, what is refused and how, over real connections."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.factories.database import Database
from tests.factories.served import Served, served, settings_for

JSON = {"content-type": "application/json"}
RESPONSE = "application/graphql-response+json"
PROTOCOL = Subprotocol("graphql-transport-ws")
MIB = 1 << 20


@pytest.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Served]:
    async with served(settings_for(database, allowed_origins=("https://shop.example",)), deadline_s=0.5) as running:
        yield running


@pytest.fixture(scope="module")
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with await server.client() as opened:
        yield opened


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code, having checked the shape that every refusal has."""
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    assert error["message"]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    return answer.status_code, error["extensions"]["code"]


async def test_a_query_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "query Q($n: String!) { hello(name: $n) }", "variables": {"n": "é"}})
    assert answer.json()["data"] == {"hello": "hello é"}
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"1",
        b'"{ hello }"',
        b"[]",
        b'[{"query": "{ hello }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": " "}',
        b'{"query": "{ hello }", "variables": []}',
        b'{"query": "{ hello }", "variables": "{}"}',
        b'{"query": "{ hello }", "extensions": 1}',
        b'{"query": "{ hello }", "operationName": 1}',
        b'{"query": "{ hello }", "variables": {"n": NaN}}',
        b'{"query": "{ hello }", "variables": {"n": Infinity}}',
        b'{"query": "{ hello }", "variables": {"n": "\\ud800"}}',
        b'{"query": "{ hello }", "variables": {"n": "\xff"}}',
        b'{"query": "{ hello }", "variables": {"n": "a\\u0000b"}}',
        b'{"query": "{ hello }", "variables": {"a\\u0000b": 1}}',
        b'{"query": "{ hello(name: \\"\\\\u0000\\") }"}',
        b'{"query": "{ hello(name: \\"\\\\u{0}\\") }"}',
        b'\xef\xbb\xbf{"query": "{ hello }"}',
        b'{"query": "query A { hello } query B { hello }"}',
        b'{"query": "query A { hello }", "operationName": "B"}',
        b'{"query": "fragment F on Query { hello }"}',
        b'{"query": "subscription { ticks }"}',
    ],
)
async def test_what_is_no_request_is_a_bad_request(client: httpx.AsyncClient, body: bytes) -> None:
    assert refusal(await client.post("/graphql", content=body, headers=JSON)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ('{"input": {"rows": [{"note": "a"}, {"note": "a\\u0000b"}]}}', "$input.rows[1].note"),
        ('{"input": {"a\\u0000b": 1}}', "$input.a"),
    ],
)
async def test_a_nul_is_named_with_its_variable_and_path(client: httpx.AsyncClient, variables: str, where: str) -> None:
    body = b'{"query": "{ hello }", "variables": ' + variables.encode() + b"}"
    answer = await client.post("/graphql", content=body, headers=JSON)
    assert answer.json()["errors"][0]["message"] == f"Strings must not contain NUL, and {where} does."


async def test_a_body_of_too_many_values_is_not_read(client: httpx.AsyncClient) -> None:
    def sent(values: int) -> bytes:
        return b'{"query": "{ hello }", "variables": {"a": [' + b",".join([b"1"] * values) + b"]}}"

    assert (await client.post("/graphql", content=sent(249_000), headers=JSON)).json()["data"] == {"hello": "hello you"}
    assert refusal(await client.post("/graphql", content=sent(251_000), headers=JSON)) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_long_name_of_an_operation_is_cut_in_the_log(client: httpx.AsyncClient) -> None:
    name = "a" * 100_000
    with capture_logs() as logs:
        await client.post("/graphql", json={"query": f"query {name} {{ hello }}", "operationName": name})
    assert [line["operation"] for line in logs if line["event"] == "request"] == ["a" * 200]


async def test_a_refusal_repeats_little_of_what_it_refuses(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "query A { hello }", "operationName": "B" * 100_000})
    message = answer.json()["errors"][0]["message"]
    assert message.startswith("The document has no operation named 'BBB")
    assert len(message) < 600


async def test_an_escaped_backslash_before_u0000_is_no_nul(client: httpx.AsyncClient) -> None:
    query = "query Q($t: String!) { length(text: $t) }"
    answer = await client.post("/graphql", json={"query": query, "variables": {"t": "\\u0000"}})
    assert answer.json()["data"] == {"length": 6}
    answer = await client.post("/graphql", json={"query": r'{ length(text: "\\u0000") }'})
    assert answer.json()["data"] == {"length": 6}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/jsonp",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "text/plain; application/json",
    ],
)
async def test_only_json_is_read(client: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert refusal(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_has_more_than_one_spelling(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers={"content-type": content_type})
    assert answer.status_code == 200


async def test_a_packed_body_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", content=b"x", headers={**JSON, "content-encoding": "gzip"})
    assert refusal(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_get_is_for_queries_only(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/graphql", params={"query": "query Q($n: String!) { hello(name: $n) }", "variables": '{"n":"a"}'}
    )
    assert answer.json()["data"] == {"hello": "hello a"}
    assert refusal(await client.get("/graphql", params={"query": "mutation { change }"})) == (405, "METHOD_NOT_ALLOWED")
    assert refusal(await client.get("/graphql", params={"query": "subscription { ticks }"})) == (400, "BAD_REQUEST")
    assert refusal(await client.get("/graphql")) == (400, "BAD_REQUEST")
    assert refusal(await client.get("/graphql?query={hello}&query={who}")) == (400, "BAD_REQUEST")
    assert refusal(await client.get("/graphql", params={"query": "{ hello }", "variables": "[1"})) == (400, "BAD_REQUEST")


async def test_a_browser_gets_a_page_without_a_key(server: Served) -> None:
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(f"{server.address}/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x y", "Basic dTpw", "Bearer nonsense", "Bearer " + "x" * 10_000, "oms_x"]
)
async def test_a_caller_without_a_key_is_unauthenticated(server: Served, authorization: str | None) -> None:
    headers = {"authorization": authorization} if authorization is not None else {}
    async with httpx.AsyncClient() as stranger:
        answer = await stranger.post(f"{server.address}/graphql", json={"query": "{ hello }"}, headers=headers)
    assert refusal(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_wrong_a_revoked_and_an_unknown_key_are_refused(server: Served) -> None:
    key = await server.key()
    unknown = (await server.key()).text
    await server.revoke(key)
    for given in (key.text, key.text[:-1], unknown.replace(unknown[20], "x" if unknown[20] != "x" else "y")):
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {given}"}) as caller:
            answer = await caller.post(f"{server.address}/graphql", json={"query": "{ hello }"})
        assert refusal(answer) == (401, "UNAUTHENTICATED")


async def test_a_key_that_was_used_stops_within_five_seconds(server: Served) -> None:
    key = await server.key()
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key.text}"}) as caller:
        assert (await caller.post(f"{server.address}/graphql", json={"query": "{ hello }"})).status_code == 200
        await server.revoke(key)
        start = monotonic()
        while (await caller.post(f"{server.address}/graphql", json={"query": "{ hello }"})).status_code != 401:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert monotonic() - start < 5


async def test_a_large_body_is_for_bulk_calls_only(client: httpx.AsyncClient) -> None:
    async def sent(query: str, size: int) -> httpx.Response:
        return await client.post("/graphql", json={"query": query, "variables": {"t": "x" * size}})

    bulk, plain = "mutation M($t: String!) { ordersPlace(text: $t) }", "query Q($t: String!) { length(text: $t) }"
    disguised = "query Q($t: String!) { ordersPlace: length(text: $t) } # ordersPlace"
    assert (await sent(plain, MIB - 200)).json()["data"] == {"length": MIB - 200}
    assert (await sent(bulk, 8 * MIB - 200)).json()["data"] == {"ordersPlace": 8 * MIB - 200}
    for query, size in ((plain, MIB), (disguised, MIB), (bulk, 8 * MIB), (bulk + "#" + "x" * MIB, 1), ("{", MIB)):
        assert refusal(await sent(query, size)) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_without_a_length_is_cut_off_at_the_limit(server: Served) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 64 * MIB:
            taken += MIB
            yield b"x" * MIB

    key = await server.key()
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key.text}", **JSON}) as caller:
        try:
            assert refusal(await caller.post(f"{server.address}/graphql", content=endless())) == (413, "PAYLOAD_TOO_LARGE")
        except httpx.WriteError:
            assert taken < 64 * MIB


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
        (f"application/json, {RESPONSE};q=0.1", "application/json"),
        (f"{RESPONSE};q=0, application/json", "application/json"),
    ],
)
async def test_the_caller_chooses_the_media_type(client: httpx.AsyncClient, accept: str | None, media: str) -> None:
    request = client.build_request("POST", "/graphql", json={"query": "{ hello }"})
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    answer = await client.send(request)
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{media}; charset=utf-8")


async def test_what_cannot_be_offered_is_not_acceptable(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ hello }"}, headers={"accept": "application/xml"})
    assert refusal(answer) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("query", ["{", "{ nosuchfield }", "query Q($n: Int!) { hello }"])
async def test_a_refused_document_is_400_in_the_new_media_type_and_200_in_the_old(
    client: httpx.AsyncClient, query: str
) -> None:
    old = await client.post("/graphql", json={"query": query})
    new = await client.post("/graphql", json={"query": query}, headers={"accept": RESPONSE})
    assert (old.status_code, new.status_code) == (200, 400)
    for answer in (old, new):
        assert "data" not in answer.json()
        assert all(error["extensions"]["code"] for error in answer.json()["errors"])


async def test_what_nobody_foresaw_is_masked_and_logged_with_the_request_id(client: httpx.AsyncClient) -> None:
    for query, data in (("{ boom }", {"boom": None}), ("{ certainBoom }", None)):
        with capture_logs() as logs:
            answer = await client.post("/graphql", json={"query": query}, headers={"accept": RESPONSE, "x-request-id": "abc-1"})
        assert (answer.status_code, answer.json()["data"]) == (200, data)
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "INTERNAL", "requestId": "abc-1"}
        assert "hunter2" not in answer.text
        assert any(log["log_level"] == "error" and log["request_id"] == "abc-1" for log in logs)


@pytest.mark.parametrize("given", ["ok-1", "x" * 128])
async def test_a_sane_request_id_is_kept(client: httpx.AsyncClient, given: str) -> None:
    assert (await client.get("/healthz", headers={"x-request-id": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "<script>", "a\tb"])
async def test_another_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/healthz", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] not in {given, ""}


async def test_what_takes_too_long_is_ended(client: httpx.AsyncClient) -> None:
    start = monotonic()
    answer = await client.post("/graphql", json={"query": "{ slow(seconds: 20) }"})
    assert refusal(answer) == (504, "DEADLINE_EXCEEDED")
    assert monotonic() - start < 5


async def test_unknown_paths_are_refused_in_the_same_shape(client: httpx.AsyncClient) -> None:
    assert refusal(await client.get("/nothing")) == (404, "NOT_FOUND")
    assert refusal(await client.post("/healthz")) == (405, "METHOD_NOT_ALLOWED")


async def test_health_readiness_and_schema_need_no_key(server: Served) -> None:
    async with httpx.AsyncClient(base_url=server.address) as probe:
        assert (await probe.get("/healthz")).json() == {"status": "ok"}
        assert (await probe.get("/readyz")).json() == {"status": "ready", "database": True, "migrations": True}
        assert (await probe.get("/schema.graphql")).text.startswith("type Mutation")


async def test_a_server_without_its_database_is_alive_but_not_ready(database: Database) -> None:
    gone = settings_for(database).model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})
    async with served(gone) as running, httpx.AsyncClient(base_url=running.address, timeout=20) as probe:
        assert (await probe.get("/healthz")).status_code == 200
        assert (await probe.get("/readyz")).status_code == 503
        headers = {"authorization": "Bearer oms_abc"}
        assert (await probe.post("/graphql", json={"query": "{ hello }"}, headers=headers)).status_code == 401


async def test_one_line_is_logged_for_a_request_and_tells_no_secret(server: Served) -> None:
    key = await server.key(client="webshop")
    body = {"query": "query Hi($n: String!) { hello(name: $n) }", "operationName": "Hi", "variables": {"n": "Jane Doe"}}
    with capture_logs() as logs:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {key.text}"}) as caller:
            await caller.post(f"{server.address}/graphql?secret=1", json=body)
    (line,) = [log for log in logs if log["event"] == "request"]
    assert line.pop("ms") > line.pop("db_ms") > 0
    assert line.pop("statements") >= line.pop("trips") >= 1  # its key is looked up, and that it was used noted beside
    assert line.pop("request_id")
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "client": "webshop",
        "operation": "Hi",
        "by_level": 0,
        "anew": 0,
        "by_core": 1,
    }
    assert key.text not in repr(logs)
    assert "Jane" not in repr(logs)


async def test_an_answer_tells_what_it_took(server: Served) -> None:
    key = await server.key(client="webshop")
    told = re.compile(r'db;desc="(\d+) statements, (\d+) trips";dur=([\d.]+), completed;desc="([^"]+)", total;dur=([\d.]+)')
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key.text}"}) as caller:
        answers = [await caller.post(f"{server.address}/graphql", json={"query": "{ hello }"}) for _ in range(2)]
    first, second = (told.fullmatch(answer.headers["server-timing"]) for answer in answers)
    assert first
    assert second
    assert int(first[1]) >= int(first[2]) >= 1  # the key is looked up once
    assert 0 < float(first[3]) <= float(first[5])
    assert [float(second[at]) for at in (1, 2, 3)] == [0, 0, 0]
    assert second[4] == "0 by level, 0 anew, 1 by core"
    assert float(second[5]) > 0


async def test_only_allowed_origins_may_call_from_a_page(client: httpx.AsyncClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    allowed = await client.options("/graphql", headers={"origin": "https://shop.example", **asked})
    refused = await client.options("/graphql", headers={"origin": "https://evil.example", **asked})
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in refused.headers
    assert (refused.status_code, refused.text) == (400, "OMS_ALLOWED_ORIGINS does not name this origin.")


async def test_a_page_is_told_which_setting_would_allow_it_where_none_is_allowed(database: Database) -> None:
    async with served(settings_for(database)) as running, await running.client() as caller:
        asked = {"origin": "https://shop.example", "access-control-request-method": "POST"}
        with capture_logs() as logs:
            refused = await caller.options("/graphql", headers=asked)
        answered = await caller.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": "https://shop.example"})
    assert (refused.status_code, refused.text) == (400, "OMS_ALLOWED_ORIGINS does not name this origin.")
    (told,) = [line for line in logs if line["event"] == "origin_not_allowed"]
    assert (told["origin"], told["setting"]) == ("https://shop.example", "OMS_ALLOWED_ORIGINS")
    assert answered.status_code == 200
    assert "access-control-allow-origin" not in answered.headers


# --- server-sent events


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.replace("\r", "").strip().split("\n\n"):
        fields = dict(line.split(":", 1) for line in block.split("\n"))
        found.append((fields.get("event", "").strip(), json.loads(fields["data"]) if fields.get("data", "").strip() else None))
    return found


async def streamed(client: httpx.AsyncClient, query: str) -> list[tuple[str, Any]]:
    answer = await client.post("/graphql", json={"query": query}, headers={"accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    return events(answer.text)


async def test_a_subscription_is_streamed_until_it_ends(client: httpx.AsyncClient) -> None:
    found = await streamed(client, "subscription { ticks(most: 3) }")
    assert found == [*(("next", {"data": {"ticks": number}}) for number in range(3)), ("complete", None)]


async def test_queries_and_mutations_are_streamed_too_and_refusals_told(client: httpx.AsyncClient) -> None:
    assert await streamed(client, "{ hello }") == [("next", {"data": {"hello": "hello you"}}), ("complete", None)]
    assert (await streamed(client, "mutation { change }"))[0][1]["data"] == {"change": "changed"}
    for query in ("{ nosuchfield }", "subscription { nosuchfield }", "query A { hello } fragment F on Query { who }"):
        (kind, told), *_ = await streamed(client, query)
        assert kind == "next"
        assert "data" not in told
        assert told["errors"][0]["extensions"]["code"] in {"BAD_REQUEST", "BAD_USER_INPUT"}


async def test_a_stream_that_breaks_tells_nothing_internal(client: httpx.AsyncClient) -> None:
    found = await streamed(client, "subscription { breaks }")
    assert found[0] == ("next", {"data": {"breaks": 1}})
    assert found[1][1]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in repr(found)


async def test_a_stream_ends_within_five_seconds_of_its_key(server: Served) -> None:
    key = await server.key()
    body = {"query": "subscription { ticks(every: 0.1) }"}
    headers = {"authorization": f"Bearer {key.text}", "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=20, headers=headers) as caller,
        caller.stream("POST", f"{server.address}/graphql", json=body) as answer,
    ):
        lines = answer.aiter_lines()
        await anext(lines)
        await server.revoke(key)
        start = monotonic()
        rest = [line async for line in lines]
    assert monotonic() - start < 5
    assert any("UNAUTHENTICATED" in line for line in rest)


# --- WebSocket


async def opened(server: Served, payload: object = None, **options: Any) -> ClientConnection:
    ws = await connect(server.socket_address, subprotocols=[PROTOCOL], **options)
    await say(ws, type="connection_init", **({"payload": payload} if payload is not None else {}))
    return ws


async def say(ws: ClientConnection, **message: Any) -> None:
    await ws.send(orjson.dumps(message).decode())


async def hear(ws: ClientConnection) -> Any:
    async with asyncio.timeout(10):
        heard = await ws.recv()
    assert isinstance(heard, str)
    return orjson.loads(heard)


async def close_code(ws: ClientConnection) -> int | None:
    async with asyncio.timeout(10):
        try:
            while True:
                await ws.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def ready(server: Served) -> ClientConnection:
    ws = await opened(server, {"authorization": f"Bearer {(await server.key()).text}"})
    assert (await hear(ws))["type"] == "connection_ack"
    return ws


@pytest.mark.parametrize("name", ["authorization", "Authorization"])
async def test_a_socket_is_opened_by_the_key_in_its_payload(server: Served, name: str) -> None:
    key = await server.key()
    ws = await opened(server, {name: f"Bearer {key.text}"})
    assert (await hear(ws))["type"] == "connection_ack"
    await say(ws, id="1", type="subscribe", payload={"query": "subscription { ticks(most: 2) }"})
    heard = [await hear(ws) for _ in range(3)]
    assert [one["type"] for one in heard] == ["next", "next", "complete"]
    assert heard[1]["payload"]["data"] == {"ticks": 1}
    await ws.close()


async def test_a_socket_is_opened_by_the_key_in_its_header(server: Served) -> None:
    key = await server.key()
    ws = await opened(server, additional_headers={"authorization": f"Bearer {key.text}"})
    assert (await hear(ws))["type"] == "connection_ack"
    await say(ws, id="1", type="subscribe", payload={"query": "{ who }"})
    assert (await hear(ws))["payload"]["data"] == {"who": "tests"}
    await ws.close()


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer nonsense"}, {"authorization": 1}, {"token": "x"}])
async def test_a_socket_without_a_key_is_forbidden(server: Served, payload: object) -> None:
    assert await close_code(await opened(server, payload)) == 4403


async def test_nothing_runs_before_the_key_was_seen(server: Served) -> None:
    ws = await connect(server.socket_address, subprotocols=[PROTOCOL])
    await say(ws, id="1", type="subscribe", payload={"query": "{ hello }"})
    assert await close_code(ws) == 4401


async def test_the_old_protocol_is_off(server: Served) -> None:
    ws = await connect(server.socket_address, subprotocols=[Subprotocol("graphql-ws")])
    assert await close_code(ws) == 4406


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("mutation { change }", "BAD_REQUEST"),
        ("query A { hello } query B { hello }", "BAD_REQUEST"),
        ("", "BAD_REQUEST"),
        ("{ nosuchfield }", "BAD_USER_INPUT"),
        ("{", "BAD_USER_INPUT"),
    ],
)
async def test_a_refused_operation_leaves_the_socket_open(server: Served, query: str, code: str) -> None:
    ws = await ready(server)
    await say(ws, id="1", type="subscribe", payload={"query": query})
    heard = await hear(ws)
    assert (heard["type"], heard["id"], heard["payload"][0]["extensions"]["code"]) == ("error", "1", code)
    await say(ws, id="1", type="subscribe", payload={"query": "{ hello }"})
    assert (await hear(ws))["payload"]["data"] == {"hello": "hello you"}
    await ws.close()


async def test_a_subscription_that_breaks_tells_nothing_internal(server: Served) -> None:
    ws = await ready(server)
    await say(ws, id="1", type="subscribe", payload={"query": "subscription { breaks }"})
    heard = [await hear(ws), await hear(ws)]
    assert heard[1]["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in repr(heard)
    await ws.close()


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        "1",
        '{"type": 1}',
        '{"type": "nothing"}',
        '{"type": "subscribe", "id": 1}',
        '{"type":"subscribe"}',
        '{"type": "connection_init", "payload": {"text": "\\u0000"}}',
        '{"payload": {"id": "1", "type": "subscribe", "text": "\\u0000"}}',
    ],
)
async def test_what_is_no_message_closes_the_socket(server: Served, message: str) -> None:
    ws = await ready(server)
    await ws.send(message)
    assert await close_code(ws) == 4400


async def test_a_malformed_operation_is_told(server: Served) -> None:
    ws = await ready(server)
    payloads: list[Any] = [None, 1, [], {}, {"query": 1}, {"query": "{ hello }", "variables": 1}]
    for payload in payloads:
        await say(ws, id="1", type="subscribe", payload=payload)
        assert (await hear(ws))["payload"][0]["extensions"]["code"] == "BAD_REQUEST"
    await ws.close()


@pytest.mark.parametrize("frame", ["{{{0}, {1}}}", "{{{1}, {0}}}", '{{ "type":"subscribe" , {1} , "id" : "1" }}'])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (r'"\u0000"', "BAD_REQUEST"),
        (r'"\ud800"', "BAD_REQUEST"),
        ("NaN", "BAD_REQUEST"),
        ("[" * 100_000 + "]" * 100_000, "BAD_REQUEST"),
        ("[1" + ",1" * 250_000 + "]", "PAYLOAD_TOO_LARGE"),
    ],
    ids=lambda value: value[:12],
)
async def test_what_cannot_be_read_is_told_for_its_id(server: Served, frame: str, value: str, code: str) -> None:
    ws = await ready(server)
    payload = f'"payload": {{"query": "query Q($n: String!) {{ hello(name: $n) }}", "variables": {{"n": {value}}}}}'
    await ws.send(frame.format('"id": "1", "type": "subscribe"', payload))
    heard = await hear(ws)
    assert (heard["type"], heard["id"], heard["payload"][0]["extensions"]["code"]) == ("error", "1", code)
    await say(ws, id="1", type="subscribe", payload={"query": "{ hello }"})
    assert (await hear(ws))["payload"]["data"] == {"hello": "hello you"}
    await ws.close()


async def test_a_message_of_more_than_a_mebibyte_closes_the_socket(server: Served) -> None:
    ws = await ready(server)
    payload = {"query": "query ($text: String!) { length(text: $text) }", "variables": {"text": "x" * (MIB - 200)}}
    await say(ws, id="1", type="subscribe", payload=payload)
    assert (await hear(ws))["payload"]["data"] == {"length": MIB - 200}
    await say(ws, id="2", type="subscribe", payload={**payload, "variables": {"text": "x" * MIB}})
    assert await close_code(ws) == 1009


async def test_a_socket_has_room_for_a_hundred_operations(server: Served) -> None:
    ws = await ready(server)
    for number in range(101):
        await say(ws, id=str(number), type="subscribe", payload={"query": "subscription { ticks(every: 60) }"})
    heard = [await hear(ws) for _ in range(101)]
    (refused,) = [one for one in heard if one["type"] == "error"]
    assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
    await ws.close()


async def test_a_socket_ends_within_five_seconds_of_its_key(server: Served) -> None:
    key = await server.key()
    ws = await opened(server, {"authorization": f"Bearer {key.text}"})
    await hear(ws)
    await say(ws, id="1", type="subscribe", payload={"query": "subscription { ticks(every: 0.1) }"})
    await hear(ws)
    await server.revoke(key)
    start = monotonic()
    assert await close_code(ws) == 4403
    assert monotonic() - start < 5


async def test_only_allowed_origins_may_open_a_socket(server: Served) -> None:
    key = await server.key()
    headers = {"authorization": f"Bearer {key.text}"}
    for origin in ("https://shop.example", server.address):
        ws = await opened(server, additional_headers=headers, origin=Origin(origin))
        assert (await hear(ws))["type"] == "connection_ack"
        await ws.close()
    with pytest.raises(InvalidStatus, match="403"):
        await opened(server, additional_headers=headers, origin=Origin("https://evil.example"))


async def test_a_server_that_ends_lets_requests_finish_and_closes_streams(database: Database) -> None:
    async with served(settings_for(database)) as running:
        ws = await ready(running)
        await say(ws, id="1", type="subscribe", payload={"query": "subscription { ticks(every: 0.1) }"})
        await hear(ws)
        async with await running.client() as caller:
            slow = asyncio.create_task(caller.post("/graphql", json={"query": "{ slow(seconds: 1) }"}))
            await asyncio.sleep(0.3)
            start = monotonic()
            running.server.should_exit = True
            assert await close_code(ws) == 1012
            assert (await slow).json()["data"] == {"slow": "done"}
            await running.running
        assert monotonic() - start < 5
        assert running.oms.work.pool._capacity._value == running.oms.work.pool.size


async def test_a_socket_that_vanishes_while_it_is_answered_is_no_failure(server: Served) -> None:
    with capture_logs() as logs:
        for _ in range(5):
            ws = await ready(server)
            await say(ws, id="1", type="subscribe", payload={"query": "subscription { ticks(every: 0) }"})
            await hear(ws)
            ws.transport.abort()
        await asyncio.sleep(0.3)
    assert [log for log in logs if log["log_level"] == "error"] == []
