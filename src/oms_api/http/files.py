"""Files behind signed links: what a browser, a printer or a carrier fetches without an API key."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.errors import FileGone
from oms_api.domain.documents.facts import PDF, PNG
from oms_api.domain.documents.links import PATH, check_link
from oms_api.domain.documents.ports import FileStore
from oms_api.domain.documents.queries import file_by_id
from oms_api.domain.documents.tables import StoredFileRow
from oms_api.http.exchange import exchange_of
from oms_api.http.refusals import JSON, HttpRefusal, unavailable
from oms_api.kernel.access import system_principal
from oms_api.kernel.errors import Busy, InvalidId, NotFound, OmsError, Unavailable
from oms_api.kernel.ids import FileId, parse_id
from oms_api.kernel.links import LinkChanged, LinkExpired
from oms_api.kernel.secrets import Secrets

SHOWN = {PDF, PNG}
"""What a browser shows; whatever else there is, it saves."""
BARE = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'"
SANDBOX = f"{BARE}; sandbox"
"""The viewers of browsers refuse a PDF in a sandbox; they run nothing of what it holds."""
VISITOR = system_principal("file links")
STATUSES: dict[type[OmsError], int] = {LinkChanged: 403, LinkExpired: 410, FileGone: 410}


def routes(work: UnitOfWork, files: FileStore, secrets: Secrets) -> list[Route]:
    """Return the route of files."""

    async def file(request: Request) -> Response:
        try:
            return await answered(request)
        except (Busy, Unavailable) as error:
            return refused(request, unavailable(error))
        except (LinkChanged, LinkExpired, FileGone) as error:
            return refused(request, HttpRefusal(STATUSES[type(error)], error.code, error.message))

    async def answered(request: Request) -> Response:
        given = request.query_params
        try:
            key = parse_id(FileId, request.path_params["file_id"])
        except InvalidId as error:
            raise LinkChanged from error
        check_link(secrets, key, given.get("expires", ""), given.get("signature", ""), work.clock())
        row = await known(key)
        headers = headers_of(row)
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        content = await files.get(key)
        if content is None:
            raise FileGone
        return Response(content, headers=headers, media_type=row.media_type)

    async def known(key: FileId) -> StoredFileRow:
        try:
            async with work.reads(VISITOR) as read:
                return await file_by_id(read, key)
        except NotFound as error:
            raise FileGone from error

    return [Route(f"{PATH}/{{file_id}}", file, methods=["GET"])]


def headers_of(row: StoredFileRow) -> dict[str, str]:
    """Return what is said of a file: it is for this one reader, and it is no page of ours."""
    how = "inline" if row.media_type in SHOWN else "attachment"
    return {
        "etag": f'"{row.sha256.hex()}"',
        "cache-control": "private, no-cache",
        "content-disposition": f"{how}; filename*=UTF-8''{quote(row.name, safe='')}",
        "content-security-policy": BARE if row.media_type == PDF else SANDBOX,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def refused(request: Request, refusal: HttpRefusal) -> Response:
    """Answer with *refusal*, in the shape of all others."""
    body = refusal.body(exchange_of(request.scope).request_id)
    headers = {name.decode(): value.decode() for name, value in refusal.headers}
    return Response(body, refusal.status, {**headers, "cache-control": "no-store"}, media_type=JSON.decode())
