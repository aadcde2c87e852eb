"""Files are fetched by signed links, without an API key, until the link ends."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.facts import PDF, ZPL, NewFile
from oms_api.domain.documents.links import check_link, signed_path
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import ChannelId, FileId, IdKind, new_uuid, text_id
from oms_api.kernel.links import LinkChanged
from oms_api.kernel.secrets import Secrets
from tests.factories.asking import SECRETS, Ask
from tests.factories.database import Database
from tests.factories.ports import ports_of
from tests.factories.served import Served, served, settings_for

FILE = "query($id: ID!, $minutes: Int! = 15) { node(id: $id) { ... on File { name mediaType size url(minutes: $minutes) } } }"
CONTENT = b"%PDF-1.7 " + bytes(range(256))


@pytest.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Served]:
    async with served(settings_for(database)) as running:
        yield running


@pytest.fixture(scope="module")
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.address) as opened:  # without a key
        yield opened


async def kept(work: UnitOfWork, **changes: Any) -> FileId:
    return await ports_of(work).files.put(
        replace(NewFile(name="Lieferschein 7 é.pdf", media_type=PDF, content=CONTENT), **changes)
    )


def link(server: Served, file_id: FileId, *, seconds: float = 60) -> str:
    return signed_path(server.oms.secrets, file_id, datetime.now(UTC) + timedelta(seconds=seconds))


def code(answer: httpx.Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"]


async def test_a_link_gives_the_file(server: Served, client: httpx.AsyncClient, work: UnitOfWork) -> None:
    path = link(server, await kept(work))
    answer = await client.get(path)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == PDF
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''Lieferschein%207%20%C3%A9.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    head = await client.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(CONTENT)))
    again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_a_browser_does_not_show_is_saved(server: Served, client: httpx.AsyncClient, work: UnitOfWork) -> None:
    answer = await client.get(link(server, await kept(work, name='a";\r\nx: y.zpl', media_type=ZPL, content=b"^XA^XZ")))
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22%3B%0D%0Ax%3A%20y.zpl"
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert "x" not in answer.headers


async def test_a_link_that_was_changed_gives_nothing(server: Served, client: httpx.AsyncClient, work: UnitOfWork) -> None:
    path, other = link(server, await kept(work)), await kept(work)
    before, signature = path.rsplit("=", 1)
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    expires = path.split("expires=")[1].split("&")[0]
    changed = [
        f"{before}={flipped}",
        f"{before}=",
        f"{before}=%00é",
        path.split("&", maxsplit=1)[0],
        path.split("?", maxsplit=1)[0],
        path.replace(f"expires={expires}", f"expires={int(expires) + 3600}"),
        path.replace(f"expires={expires}", "expires=9" + "9" * 400),
        path.replace(f"expires={expires}", "expires=-1"),
        f"/files/{text_id(IdKind.FILE, other)}?{path.split('?')[1]}",
        "/files/nothing?expires=1&signature=a",
    ]
    assert [code(await client.get(each)) for each in changed] == [(403, "LINK_CHANGED")] * len(changed)


async def test_a_link_that_expired_says_so(server: Served, client: httpx.AsyncClient, work: UnitOfWork) -> None:
    assert code(await client.get(link(server, await kept(work), seconds=-2))) == (410, "LINK_EXPIRED")


async def test_a_file_whose_time_is_over_is_gone_and_purged(
    server: Served, client: httpx.AsyncClient, work: UnitOfWork
) -> None:
    past = await kept(work, expires_at=work.clock() - timedelta(minutes=2))
    lasting = await kept(work, expires_at=work.clock() + timedelta(days=30))
    assert code(await client.get(link(server, past))) == (410, "FILE_GONE")
    assert await ports_of(work).files.purge() == 1
    assert code(await client.get(link(server, past))) == (410, "FILE_GONE")
    assert (await client.get(link(server, lasting))).status_code == 200


async def test_the_schema_gives_a_link(work: UnitOfWork, principal: Principal) -> None:
    key = text_id(IdKind.FILE, await kept(work))
    ask = Ask(work, principal)
    file = (await ask(FILE, id=key))["node"]
    assert file["url"].startswith(f"/files/{key}?expires=")
    assert (file["name"], file["mediaType"], file["size"]) == ("Lieferschein 7 é.pdf", PDF, len(CONTENT))
    (error,) = await ask.errors(FILE, id=key, minutes=1_441)
    assert error["extensions"]["code"] == "INVALID_VALUE"
    (error,) = await Ask(work, replace(principal, scopes=frozenset(Scope) - {Scope.SHIPPING_READ})).errors(FILE, id=key)
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_who_does_not_see_all_channels_of_a_file_does_not_see_it(work: UnitOfWork, principal: Principal) -> None:
    mine, foreign = ChannelId(new_uuid()), ChannelId(new_uuid())
    limited = Ask(work, replace(principal, channels=frozenset({mine})))
    keys = [text_id(IdKind.FILE, await kept(work, channels=channels)) for channels in ([mine], [mine, foreign], [])]
    assert [(await limited(FILE, id=key))["node"] is not None for key in keys] == [True, False, True]


def test_a_link_of_another_installation_does_not_fit() -> None:
    key, now = FileId(new_uuid()), datetime(2026, 1, 1, tzinfo=UTC)
    given = parse_qs(urlsplit(signed_path(SECRETS, key, now + timedelta(minutes=1))).query)
    check_link(SECRETS, key, given["expires"][0], given["signature"][0], now)
    with pytest.raises(LinkChanged):
        check_link(Secrets(("another secret",)), key, given["expires"][0], given["signature"][0], now)
