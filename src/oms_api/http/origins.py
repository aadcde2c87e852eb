"""Pages of other origins: which may call the API, and what the others are told."""

import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, Response

SETTING = "OMS_ALLOWED_ORIGINS"
LONGEST_ORIGIN = 200
"""How many characters of an origin the log tells."""
log = structlog.get_logger("oms_api.http")


class OriginsMiddleware(CORSMiddleware):
    """Answers what browsers ask before a page calls; to who may not, it names the setting that would allow it."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight."""
        answer = super().preflight_response(request_headers)
        origin = request_headers["origin"]
        if self.is_allowed_origin(origin):
            return answer
        log.info("origin_not_allowed", origin=origin[:LONGEST_ORIGIN], setting=SETTING)
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return PlainTextResponse(f"{SETTING} does not name this origin.", answer.status_code, headers)
