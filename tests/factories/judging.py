"""A judge of executors: ours, and graphql-core's own, asked the same of the same data, must answer the same bytes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, cast

import orjson
import strawberry
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from structlog.testing import capture_logs

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.live import LiveFeed
from oms_api.graphql.context import RequestContext
from oms_api.graphql.errors import formatted
from oms_api.kernel.access import Principal
from oms_api.kernel.completions import Completions
from tests.factories.asking import SECRETS, schema
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.questions import Question
from tests.factories.shrinking import smallest

AGAIN, DELAYED = 8, 60
MOST_EVENTS = 3


class Verdict(StrEnum):
    """How an answer of ours compares with those that graphql-core gives."""

    SAME = "the same"
    RACED = "one that it gives, too, from run to run"
    DELAYED = "one that it gives, too, when resolvers take longer"
    DIFFERENT = "one that it never gives"


class Unhurried(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with resolvers that take longer, each as chance has it."""

    dice = Random(0)

    async def with_abort_signal(self, awaitable: Awaitable[Any]) -> Any:
        """Wait for *awaitable*, and for a while before and after."""
        started = asyncio.ensure_future(awaitable)  # whoever gives up now does not leave a coroutine that never ran
        await self.pause()
        try:
            return await super().with_abort_signal(started)
        finally:
            await self.pause()

    async def pause(self) -> None:
        """Let others go on."""
        for _ in range(self.dice.choice((0, 0, 0, 1, 3, 20))):
            await asyncio.sleep(0)
        if self.dice.random() < 0.1:
            await asyncio.sleep(self.dice.random() / 200)


def executed_by(whole: strawberry.Schema, executor: type[Any]) -> strawberry.Schema:
    """Return *whole*, the same types and resolvers, carried out by *executor*."""
    other = copy(whole)
    other.execution_context_class = executor
    return other


def asking(work: UnitOfWork, principal: Principal = SYSTEM, feed: LiveFeed | None = None) -> Callable[[], RequestContext]:
    """Return what gives each request its context."""
    return lambda: RequestContext(principal, work, ports_of(work), cast("LiveFeed", feed), SECRETS, "request-1")


def any_column(show: type) -> None:
    """Need every column, so that one that our lists leave out is missed in our answers alone."""


@dataclass
class Judge:
    """Asks both ways, each time in a new *context*, and counts how the answers compare."""

    context: Callable[[], Any]
    whole: strawberry.Schema = field(default_factory=schema)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    with_errors: int = 0
    by_level: int = 0
    anew: int = 0
    anew_without_errors: int = 0

    def __post_init__(self) -> None:
        assert self.whole.execution_context_class is not StrawberryGraphQLCoreExecutionContext, "there is nothing to judge"
        self.plain = executed_by(self.whole, StrawberryGraphQLCoreExecutionContext)
        self.unhurried = executed_by(self.whole, Unhurried)

    async def answer(self, by: strawberry.Schema, document: str, variables: Mapping[str, Any]) -> bytes:
        """Return the whole answer, with what is behind its errors, and count how ours came about."""
        context = self.context()
        if by is not self.whole and isinstance(context, RequestContext):
            context.needed = any_column  # type: ignore[method-assign]
        given: dict[str, Any] = {"variable_values": dict(variables), "context_value": context}
        answer = await self.answers(by, document, given)
        if by is self.whole and isinstance(completed := getattr(context, "completed", None), Completions):
            self.by_level += completed.by_level
            self.anew += completed.anew
            self.anew_without_errors += 0 if has_errors(answer) else completed.anew
        return answer

    async def answers(self, by: strawberry.Schema, document: str, given: Mapping[str, Any]) -> bytes:
        """Return the answer, or the first answers of a subscription."""
        if not any(line.startswith("subscription") for line in document.splitlines()):
            return told(await by.execute(document, **given))
        events = await by.subscribe(document, **given)
        answers = []
        async for event in events:
            answers.append(told(event))
            if len(answers) == MOST_EVENTS:
                break
        await events.aclose()
        return b"\n".join(answers)

    async def verdict(self, document: str, variables: Mapping[str, Any]) -> tuple[Verdict, bytes, bytes]:
        """Ask both ways; where errors differ, ask graphql-core on, for another may come first."""
        ours = await self.answer(self.whole, document, variables)
        plain = await self.answer(self.plain, document, variables)
        if ours == plain:
            return Verdict.SAME, ours, plain
        if has_errors(ours) and has_errors(plain):
            for number in range(AGAIN + DELAYED):
                by = self.plain if number < AGAIN else self.unhurried
                if await self.answer(by, document, variables) == ours:
                    raced = number < AGAIN or (has_nothing(ours) and has_nothing(plain))
                    return (Verdict.RACED if raced else Verdict.DELAYED), ours, plain
        return Verdict.DIFFERENT, ours, plain

    async def agree(self, question: Question) -> Any:
        """Demand that both answer *question* alike, each time it is asked, and return the last answer. Raises: Differs."""
        plain = b"null"
        for variables in question.variables:
            verdict, ours, plain = await self.verdict(question.document, variables)
            self.verdicts[verdict] += 1
            self.with_errors += has_errors(plain)
            if verdict in {Verdict.DIFFERENT, Verdict.DELAYED}:
                raise await self.smaller(Differs(question.document, variables, verdict, ours, plain))
        return orjson.loads(plain.partition(b"\n")[0] or b"null")

    async def smaller(self, found: "Differs") -> "Differs":
        """Return what was *found*, shown by the smallest document that still shows it."""
        verdict, variables = found.verdict, found.variables

        async def shows(smaller: str) -> bool:
            if await self.answer(self.whole, smaller, variables) == await self.answer(self.plain, smaller, variables):
                return False
            return (await self.verdict(smaller, variables))[0] is verdict

        document = await smallest(found.document, shows)
        again, ours, plain = await self.verdict(document, variables)
        return Differs(document, variables, verdict, ours, plain) if again is verdict else found


class Differs(AssertionError):
    """Our answer is not graphql-core's."""

    def __init__(self, document: str, variables: Mapping[str, Any], verdict: Verdict, ours: bytes, plain: bytes) -> None:
        at = next((at for at, (one, other) in enumerate(zip(ours, plain, strict=False)) if one != other), 0)
        near = slice(max(at - 200, 0), at + 400)
        super().__init__(
            f"our answer is {verdict}\n{document}\n{orjson.dumps(dict(variables)).decode()}\n"
            f"ours:  ...{ours[near].decode(errors='replace')}\nplain: ...{plain[near].decode(errors='replace')}"
        )
        self.document, self.variables, self.verdict = document, variables, verdict


def told(result: Any) -> bytes:
    """Return all of an answer: as clients see it, and the errors as they are before anything is hidden."""
    errors = result.errors or []
    behind = [[error.formatted, type(error.original_error).__name__, str(error.original_error)] for error in errors]
    with capture_logs():  # what went wrong inside is told in full here
        shown = formatted(errors, "request-1")
    return orjson.dumps({"data": result.data, "errors": shown, "behind": behind, "extensions": result.extensions})


def has_nothing(answer: bytes) -> bool:
    """Tell whether an error left nothing of an answer: of several root fields that fail so, the first to fail is told."""
    return answer.startswith(b'{"data":null')


def has_errors(answer: bytes) -> bool:
    """Tell whether an answer has errors."""
    return b'"behind":[[' in answer
