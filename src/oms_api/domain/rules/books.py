"""Rulebooks: which versions of rules are in force in each channel, kept whenever rules are put in force or retired."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.rules.actions import actions_in
from oms_api.domain.rules.conditions import kept
from oms_api.domain.rules.states import RuleMode, RuleTrigger
from oms_api.domain.rules.tables import RulebookRow
from oms_api.domain.rules.variables import mentioned
from oms_api.domain.rules.verdicts import Rule
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderRuleId, OrderRuleVersionId, RulebookId

KEPT_BOOKS = 256
TURN = Sql("SELECT pg_advisory_xact_lock(hashtextextended('oms order rules', 0))")
"""Lets those who change what is in force do it one after another, those who make a channel among them."""
HELD = Sql("SELECT id FROM channel ORDER BY id FOR NO KEY UPDATE")
CHANGED = Sql("""
WITH in_force AS (
    SELECT id, mode, channel_ids FROM order_rule_version WHERE mode IN ('SHADOW', 'ACTIVE')
), wanted AS (
    SELECT channel.id, channel.rulebook_id,
        coalesce(array_agg(in_force.id ORDER BY in_force.id) FILTER (WHERE mode = 'ACTIVE'), '{}') AS version_ids,
        coalesce(array_agg(in_force.id ORDER BY in_force.id) FILTER (WHERE mode = 'SHADOW'), '{}') AS shadow_ids
    FROM channel LEFT JOIN in_force ON channel_ids IS NULL OR channel.id = ANY (channel_ids) GROUP BY channel.id
)
SELECT wanted.id, wanted.version_ids, wanted.shadow_ids FROM wanted LEFT JOIN rulebook ON rulebook.id = wanted.rulebook_id
WHERE coalesce(rulebook.version_ids, '{}') <> wanted.version_ids OR coalesce(rulebook.shadow_ids, '{}') <> wanted.shadow_ids
""")
"""The channels whose rulebook is another now, with the versions in force there."""
NAMED = Sql("""
UPDATE channel SET rulebook_id = named.book FROM unnest(:channels::uuid[], :books::uuid[]) AS named (channel, book)
WHERE channel.id = named.channel
""")
FORGET = Sql("DELETE FROM rule_insert WHERE channel_id = ANY (:channels::uuid[])")
INSERTS = Sql("""
INSERT INTO rule_insert (channel_id, sku_id)
SELECT DISTINCT book.channel_id, sku.id FROM rulebook book
JOIN order_rule_version version ON version.id = ANY (book.version_ids)
CROSS JOIN LATERAL jsonb_array_elements(version.actions) AS action
JOIN sku ON sku.code = action ->> 'sku' WHERE book.id = ANY (:books::uuid[]) AND action ->> 'kind' = 'ADD_LINE'
""")
READ = Sql("""
SELECT book.id, version.rule_id, version.id, version.number, rule.code, listed.mode, version.position, version.triggers,
       version.condition, version.actions
FROM rulebook book CROSS JOIN LATERAL (
    SELECT unnest(book.version_ids) AS id, 'ACTIVE' AS mode UNION ALL SELECT unnest(book.shadow_ids), 'SHADOW'
) AS listed JOIN order_rule_version version ON version.id = listed.id JOIN order_rule rule ON rule.id = version.rule_id
WHERE book.id = ANY (:books::uuid[]) ORDER BY book.id, version.position, rule.code, version.number
""")
BOOKS = inserts(RulebookRow)


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """The rulebook of a channel, with what rules know of the channel itself."""

    rulebook_id: RulebookId
    code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules in force in a channel by position, compiled.

    `needs` is what those asked at a trigger mention of `variables.NEEDS`; it lacks triggers at which none is asked.
    """

    id: RulebookId
    rules: tuple[Rule, ...]
    needs: Mapping[RuleTrigger, frozenset[str]]


async def in_turn(tx: Tx) -> None:
    """Wait for those who change what is in force, and let others wait until *tx* ends."""
    await tx.fetch(TURN())


async def keep_books(tx: Tx) -> None:
    """Give each channel whose rules in force changed its new rulebook; see `in_turn`, which comes before."""
    await tx.fetch(HELD())
    changed = await tx.fetch(CHANGED())
    if not changed:
        return
    rows = [
        {
            "id": tx.new_id(RulebookId),
            "channel_id": channel,
            "version_ids": versions,
            "shadow_ids": shadows,
            "made_at": tx.now,
        }
        for channel, versions, shadows in changed
    ]
    channels = [row["channel_id"] for row in rows]
    named = [row["id"] if row["version_ids"] or row["shadow_ids"] else None for row in rows]
    books = [row for row in rows if row["version_ids"] or row["shadow_ids"]]
    written = [BOOKS.of(books)] if books else []
    await tx.flush(
        [
            *written,
            NAMED(channels=array(channels), books=_with_nulls(named)),
            FORGET(channels=array(channels)),
            INSERTS(books=array(row["id"] for row in books)),
        ]
    )


def _with_nulls(ids: Sequence[UUID | None]) -> str:
    return "{" + ",".join("NULL" if each is None else str(each) for each in ids) + "}"


_books: OrderedDict[RulebookId, Rulebook] = OrderedDict()
"""Rulebooks that this process compiled, the one used last last. They never change."""


async def books_of(tx: Tx, ids: Collection[RulebookId]) -> dict[RulebookId, Rulebook]:
    """Return the rulebooks with *ids*; only those that this process has not compiled yet are read."""
    missing = [each for each in ids if each not in _books]
    if missing:
        for book in _compiled(await tx.fetch(READ(books=array(missing)))):
            _books[book.id] = book
    for each in ids:
        _books.move_to_end(each)
    found = {each: _books[each] for each in ids}
    while len(_books) > KEPT_BOOKS:
        _books.popitem(last=False)
    return found


def _compiled(rows: Iterable[tuple[Any, ...]]) -> list[Rulebook]:
    rules: dict[RulebookId, list[Rule]] = {}
    for book, rule, version, number, code, mode, position, triggers, condition, actions in rows:
        rules.setdefault(RulebookId(book), []).append(
            Rule(
                rule_id=OrderRuleId(rule),
                version_id=OrderRuleVersionId(version),
                number=number,
                code=code,
                mode=RuleMode(mode),
                position=position,
                triggers=frozenset(map(RuleTrigger, triggers)),
                condition=kept(condition),
                actions=actions_in(actions),
            )
        )
    return [Rulebook(key, tuple(each), _needs(each)) for key, each in rules.items()]


def _needs(rules: Sequence[Rule]) -> Mapping[RuleTrigger, frozenset[str]]:
    texts: dict[RuleTrigger, list[str]] = {}
    for rule in rules:
        for trigger in rule.triggers:
            texts.setdefault(trigger, []).append(rule.condition.text)
    return {trigger: mentioned(iter(each)) for trigger, each in texts.items()}
