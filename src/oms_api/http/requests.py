"""A supplier's open work as a CSV file, fetched with its key."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.access.keyring import Keyring
from oms_api.domain.fulfillment.requests.sheet import sheet_of_requests
from oms_api.http.authorization import authorized
from oms_api.http.files import refused
from oms_api.http.refusals import HttpRefusal, unavailable
from oms_api.http.shares import UnderWay
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import Busy, MissingScope, Unavailable

PATH = "/requests.csv"
HEADERS = {
    "cache-control": "no-store",
    "content-disposition": 'attachment; filename="requests.csv"',
    "x-content-type-options": "nosniff",
}
MOST_SHEETS = 1
"""At a time of one key, in each process."""
MORE = "OMS-More-Rows"
"""A header that says whether the sheet has more rows than a file may have."""


def routes(work: UnitOfWork, keyring: Keyring) -> list[Route]:
    """Return the route of the sheet."""
    under_way = UnderWay(MOST_SHEETS, "TOO_MANY_SHEETS", "This key fetches {most} sheet already: come again when it has that.")

    async def sheet(request: Request) -> Response:
        try:
            principal = await authorized(keyring, request.scope)
            principal.demand(Scope.REQUESTS_READ)
            with under_way.one_more(principal.holder):
                async with work.reads(principal) as read:
                    text, more = await sheet_of_requests(read)
        except HttpRefusal as refusal:
            return refused(request, refusal)
        except MissingScope as error:
            return refused(request, HttpRefusal(403, error.code, error.message))
        except (Busy, Unavailable) as error:
            return refused(request, unavailable(error))
        return Response(text, headers={**HEADERS, MORE: "yes" if more else "no"}, media_type="text/csv")

    return [Route(PATH, sheet, methods=["GET"])]
