"""An order as its customer follows it, for shops that speak no GraphQL: behind a link, without an API key."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.types.graphql import OperationType

from oms_api.http.exchange import exchange_of
from oms_api.http.graphql import GraphQLEndpoint
from oms_api.http.reading import GraphQLRequest
from oms_api.http.refusals import JSON, RETRY_AFTER, HttpRefusal
from oms_api.kernel.access import VISITOR
from oms_api.kernel.errors import Busy, Unavailable
from oms_api.kernel.links import LinkChanged, LinkExpired, LinkRevoked

PATH = "/track/{token}"
DOCUMENT = """
query ($token: String!) {
  orderTracking(token: $token) {
    orderNumber status placedAt expectedOn
    packages {
      carrier trackingNumber trackingUrl status expectedOn deliveredAt events { status occurredAt place }
    }
    pickups {
      status collectBy location { name address { line1 line2 city region postalCode country } }
    }
  }
}
"""
QUERIES = frozenset({OperationType.QUERY})
STATUSES = {LinkChanged.code: 403, LinkExpired.code: 410, LinkRevoked.code: 410, Busy.code: 503, Unavailable.code: 503}
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}


def routes(endpoint: GraphQLEndpoint) -> list[Route]:
    """Return the route of links; what it answers is what *endpoint* tells a visitor."""

    async def track(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        exchange.path, exchange.client = PATH, VISITOR.name
        asked = GraphQLRequest(DOCUMENT, None, {"token": request.path_params["token"]}, None)
        try:
            answer = await endpoint.execute(asked, VISITOR, exchange, QUERIES, request.receive)
            check_answer(answer)
        except HttpRefusal as refusal:
            more = {name.decode(): value.decode() for name, value in refusal.headers}
            return Response(refusal.body(exchange.request_id), refusal.status, HEADERS | more, media_type=JSON.decode())
        return Response(orjson.dumps(answer["data"]["orderTracking"]), headers=HEADERS, media_type=JSON.decode())

    return [Route(PATH, track, methods=["GET"])]


def check_answer(answer: dict[str, Any]) -> None:
    """Raises: HttpRefusal, for an *answer* that is an error."""
    for error in answer.get("errors", ()):
        status = STATUSES.get(error["extensions"]["code"], 500)
        retry = [RETRY_AFTER] if status == STATUSES[Busy.code] else []
        raise HttpRefusal(status, error["extensions"]["code"], error["message"], retry)
