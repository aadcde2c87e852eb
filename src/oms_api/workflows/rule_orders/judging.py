"""The judge of a batch of orders: the rulebooks of its channels, and what is known of the past."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.domain.rules.books import ChannelRules, Rulebook, books_of
from oms_api.domain.rules.conditions import Facts, ask, engine
from oms_api.domain.rules.states import RuleTrigger
from oms_api.domain.rules.verdicts import Verdict, judge
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, SkuId
from oms_api.kernel.money import exponent
from oms_api.workflows.rule_orders.history import DAY, Past, PastQuestion, Questions, RuleFacts


@dataclass(slots=True)
class Judge:
    """Judges orders at a trigger, one after the other; each knows of those before it in the batch.

    `books` are those of the channels where a rule is asked. `questions` are asked once, before it judges, and `known` are the
    answers.
    """

    now: datetime
    trigger: RuleTrigger
    books: Mapping[ChannelId, Rulebook]
    questions: Questions
    known: RuleFacts = field(default_factory=RuleFacts)
    before: list[tuple[PastQuestion, int]] = field(default_factory=list)

    def needs(self, channel_id: ChannelId) -> frozenset[str]:
        """Return what the rules of a channel mention."""
        return self.books[channel_id].needs[self.trigger]

    def of(self, channel_id: ChannelId, facts: Facts) -> Verdict:
        """Return what the rules of a channel do with the order of *facts*. Raises: RuleRejected."""
        activation = engine().activation(facts)
        return judge(self.books[channel_id].rules, self.trigger, lambda condition: ask(condition, activation), self.now)

    def past(self, asked: PastQuestion) -> Past:
        """Return what was before an order, those of this batch that were taken included."""
        past = self.known.past.get(asked, Past())
        for other, total in self.before:
            if other.customer_id is not None and other.customer_id == asked.customer_id and other.before <= asked.before:
                first = min(filter(None, (past.first_at, other.before)))
                spent = total if other.currency == asked.currency else 0
                past = replace(past, orders=past.orders + 1, spent=past.spent + spent, first_at=first)
            near = asked.before - DAY <= other.before <= asked.before
            if near and other.place is not None and (other.place, other.channel_id) == (asked.place, asked.channel_id):
                past = replace(past, same_place=past.same_place + 1)
        return past

    def took(self, asked: PastQuestion, total: int) -> None:
        """Remember an order that is placed."""
        self.before.append((asked, total))


async def judge_of(
    tx: Tx,
    trigger: RuleTrigger,
    channels: Mapping[ChannelId, ChannelRules],
    asked: Callable[[], Iterable[PastQuestion]],
    owners: Sequence[Any] = (),
    skus: Collection[SkuId] = (),
) -> Judge | None:
    """Return who judges orders of *channels* at *trigger*, once its questions are answered; *asked* is about the past.

    None where no rule of theirs is asked then.
    """
    books = await books_of(tx, {each.rulebook_id for each in channels.values()})
    found = {channel_id: books[each.rulebook_id] for channel_id, each in channels.items()}
    by_channel = {channel_id: book for channel_id, book in found.items() if trigger in book.needs}
    if not by_channel:
        return None
    needs = frozenset[str]().union(*(book.needs[trigger] for book in by_channel.values()))
    return Judge(tx.now, trigger, by_channel, Questions(needs, list(dict.fromkeys(asked())), owners, skus))


def past_facts(past: Past, asked: PastQuestion) -> dict[str, Any]:
    """Return what rules know of the customer of an order, but attributes."""
    if asked.customer_id is None:
        return {"known": False}
    spent = major(past.spent, asked.currency)
    days = past.days(asked.before)
    return {"known": True, "orders": past.orders, "returns": past.returns, "spent": spent, "daysSinceFirstOrder": days}


def moment_facts(at: datetime, time_zone: str) -> dict[str, Any]:
    """Return what rules know of the moment of an order."""
    local = at.astimezone(ZoneInfo(time_zone))
    return {"placedAt": at, "hour": local.hour, "weekday": local.isoweekday()}


def major(minor: int, currency: str) -> float:
    """Return an amount in minor units as conditions read it: 19.99."""
    return float(minor / 10 ** exponent(currency))
