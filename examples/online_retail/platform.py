"""Speaking GraphQL over HTTP as a careful client does: the same call again, under the same key, until its outcome is known."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
import orjson
import stamina

Json = dict[str, Any]
RETRYABLE = {"IDEMPOTENCY_IN_PROGRESS", "BUSY", "UNAVAILABLE", "OUTCOME_UNKNOWN"}
PASSING_STATUSES, SERVER_ERROR = {408, 429}, 500
PATIENCE_S, LONGEST_WAIT_S, REQUEST_TIMEOUT_S = 120, 5, 60
PAGE = 250


class PlatformError(Exception):
    """The API did not do what it was asked for; str() is one line that says why."""


class AskAgain(PlatformError):
    """The same request may succeed a moment later; *reason* is a code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Platform:
    """The API of one server; `asked_again` counts by reason what had to be sent again."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.asked_again: Counter[str] = Counter()

    async def ask(self, document: str, **variables: object) -> Json:
        """Return the data that *document* asks for, asking again for at most two minutes. Raises: PlatformError."""
        body = orjson.dumps({"query": document, "variables": variables})
        retries = stamina.retry_context(AskAgain, attempts=None, timeout=PATIENCE_S, wait_initial=0.1, wait_max=LONGEST_WAIT_S)
        async for attempt in retries:
            with attempt:
                try:
                    return await self._once(body)
                except AskAgain as error:
                    self.asked_again[error.reason] += 1
                    raise
        raise AssertionError("stamina raises what the last attempt raised")

    async def each(self, field: str, input_type: str, selection: str, inputs: Sequence[Json]) -> list[Json]:
        """Carry out the mutation *field* for each of *inputs*, in one request, and return their payloads."""
        data = await self.ask(
            repeated(field, input_type, selection, len(inputs)), **{f"i{n}": value for n, value in enumerate(inputs)}
        )
        return [data[f"r{n}"] for n in range(len(inputs))]

    async def pages(self, document: str, field: str, **variables: object) -> AsyncIterator[list[Json]]:
        """Give the pages of the connection *field* of a document with the variables `first` and `after`."""
        after: str | None = None
        while True:
            page = (await self.ask(document, first=PAGE, after=after, **variables))[field]
            yield page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    async def _once(self, body: bytes) -> Json:
        try:
            answer = await self.http.post("/graphql", content=body)
        except httpx.TransportError as error:
            raise AskAgain("UNREACHABLE", f"the server cannot be reached: {error or type(error).__name__}") from error
        try:
            told = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            told = {}
        errors = told.get("errors") or ([] if "data" in told else [{"message": f"HTTP status {answer.status_code}"}])
        if errors:
            codes = {error.get("extensions", {}).get("code") for error in errors}
            message = "; ".join(error["message"] for error in errors)
            if answer.status_code >= SERVER_ERROR or answer.status_code in PASSING_STATUSES or codes <= RETRYABLE:
                raise AskAgain(f"HTTP {answer.status_code}", message)
            raise PlatformError(message)
        data: Json = told["data"]
        for refusal in (refusal for payload in data.values() for refusal in errors_in(payload)):
            if refusal["code"] in RETRYABLE:
                raise AskAgain(refusal["code"], refusal["message"])
        return data


@asynccontextmanager
async def connected(url: str, key: str) -> AsyncIterator[Platform]:
    """Give the API at *url* to the holder of *key*. Raises: PlatformError."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    try:
        async with httpx.AsyncClient(base_url=url.removesuffix("/graphql"), headers=headers, timeout=REQUEST_TIMEOUT_S) as http:
            yield Platform(http)
    except httpx.InvalidURL as error:
        raise PlatformError(f"{url} is no address of a server: {error}") from None


@cache
def repeated(field: str, input_type: str, selection: str, times: int) -> str:
    """Return a document that carries out one mutation several times, under `r0`, `r1`..."""
    given = ", ".join(f"$i{n}: {input_type}!" for n in range(times))
    asked = " ".join(f"r{n}: {field}(input: $i{n}) {{ {selection} ...answer }}" for n in range(times))
    return f"mutation ({given}) {{ {asked} }} fragment answer on Payload {{ userErrors {{ code message field }} replayed }}"


def errors_in(payload: object) -> Iterable[Mapping[str, Any]]:
    """Return the user errors of a payload and of the results in it."""
    if isinstance(payload, dict):
        yield from payload.get("userErrors") or ()
        for result in payload.get("results") or ():
            yield from result.get("userErrors") or ()


def told(errors: Iterable[Mapping[str, Any]]) -> str:
    """Return user errors in one line."""
    return "; ".join(f"{e['code']} at {'.'.join(e['field'] or ()) or 'the input'}: {e['message']}" for e in errors)


def done(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *payload*. Raises: PlatformError, where it holds user errors: nothing else can go on without it."""
    if errors := list(errors_in(payload)):
        raise PlatformError(told(errors))
    return payload
