"""Words that make a document find something: ids, codes, numbers and cursors that were read in answers, and bad ones."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import GraphQLScalarType

FILTERS = {"eq", "ne", "in", "notIn", "gt", "gte", "lt", "lte", "startsWith", "isNull", "AND", "OR", "NOT"}
OPERATORS = {*FILTERS, "by", "input", "id"}
"""Names that say nothing of what is asked for: what they stand in does."""
BAD_IDS = [
    "",
    "x",
    "order_",
    "order_01h2xcejqtf2nbrexx3vqjhp41",
    "sku_01h2xcejqtf2nbrexx3vqjhp41",
    "level_zzzzzzzzzzzzzzzzzzzzzzzzzz",
]
BAD_CURSORS = ["", "x", "AAAA", "eyJ4IjoxfQ", "%%%"]
SIZES, BAD_SIZES = (0, 1, 1, 2, 2, 3, 3, 5, 40), (-1, 251, 10**9, 2**31 - 1)
SAMPLES: dict[str, Sequence[Any]] = {
    "String": ["", "a", 'Ünder "the" stars 📚', "town-1", "vip"],
    "Int": [0, 1, 2, 7, -1, 2**31 - 1],
    "Float": [0.5, 1, -2.25],
    "Boolean": [True, False],
    "Decimal": ["0", "1.50", "-3", "99.99", "1e3"],
    "Int64": [0, 1, 1001, 1002, -1, 2**53 - 1],
    "DateTime": ["2026-01-01T00:00:00Z", "2020-02-29T12:00:00+02:00", "2030-01-01T00:00:00Z"],
    "Date": ["2026-01-01", "2020-02-29", "2026-12-31"],
    "Time": ["14:30", "00:00:00"],
    "CurrencyCode": ["GBP", "EUR", "JPY"],
    "CountryCode": ["GB", "DE"],
    "TimeZone": ["Europe/London", "Asia/Tokyo"],
    "JSON": [True, 7, "a", [], ["a", 1]],
}
WRONG: Sequence[Any] = (None, "nonsense", 1.5, {"x": 1}, [[]], True, "2026-13-01", 2**70)
"""What is of hardly any type: only in variables, where it is refused at run time."""


@dataclass
class Known:
    """Words that lead to records: ids by prefix, the type behind each prefix, cursors by the field that gave them."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    types: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    cursors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, data: Any, name: str = "") -> None:
        """Take what is in an answer."""
        match data:
            case dict():
                page = data.get("pageInfo") or {}
                _add(self.cursors[name], page.get("endCursor"), page.get("startCursor"))
                for key, value in data.items():
                    self.learn(value, key)
                if isinstance(own := data.get("id"), str) and "__typename" in data:
                    self.types[own.rpartition("_")[0]] = data["__typename"]
            case list():
                for each in data:
                    self.learn(each, name)
            case str() if len(data) > 27 and data[-27] == "_":
                _add(self.ids[data[:-27]], data)
            case str() | int():
                _add(self.words[name], data)


def _add(known: list[Any], *values: Any) -> None:
    known += [value for value in values if value is not None and value not in known and len(known) < 50]


class Words:
    """Chooses words for one document."""

    def __init__(self, known: Known, dice: Random) -> None:
        self.known, self.dice = known, dice
        self.ids: list[str] = []

    def met(self) -> set[str | None]:
        """Return the types of the records whose ids were written last."""
        return {self.known.types.get(each.rpartition("_")[0]) for each in self.ids[-3:]}

    def leaf(self, type_: GraphQLScalarType, within: Sequence[str]) -> Any:
        """Return a value of a scalar in the place *within* which it stands, most of the time one that something has."""
        own = next((name for name in reversed(within) if name not in OPERATORS), "")
        bad = self.dice.random() < 0.04
        if type_.name == "ID":
            return self.id([own, *reversed(within)], bad=bad)
        if type_.name == "Cursor":
            known = self.known.cursors.get(own) or [cursor for some in self.known.cursors.values() for cursor in some]
            field_name = next((name for name in reversed(within) if name in self.known.cursors), own)
            known = self.known.cursors.get(field_name) or known
            return self.dice.choice(BAD_CURSORS if bad or not known else known)
        if within[-1] == "idempotencyKey":
            return f"key-{self.dice.getrandbits(64)}"
        if within[-1] in {"first", "last", "limit"}:
            return self.dice.choice(BAD_SIZES if bad else SIZES)
        words = [word for word in self.known.words.get(own, ()) if _is(type_, word)]
        return self.dice.choice(words if words and self.dice.random() < 0.8 else SAMPLES[type_.name])

    def id(self, names: Sequence[str], *, bad: bool) -> str:
        """Return an id: of what the first of *names* is named for, if that is known."""
        if bad:
            return self.dice.choice(BAD_IDS)
        hints = [name.lower().removesuffix("ids").removesuffix("id").rstrip("s") for name in names]
        kinds = {prefix: self.known.types.get(prefix, prefix).lower() for prefix, known in self.known.ids.items() if known}
        likely = [prefix for hint in hints if hint for prefix, kind in kinds.items() if hint in {kind, prefix}][:1]
        likely = likely or [prefix for prefix in kinds if any(hint.startswith(prefix) for hint in hints)]
        if not likely or self.dice.random() < 0.03:
            likely = [*kinds]
        found: str = self.dice.choice(self.known.ids[self.dice.choice(likely)])
        self.ids.append(found)
        return found


def _is(type_: GraphQLScalarType, word: Any) -> bool:
    """Tell whether a word that was read somewhere can be meant for a scalar."""
    with suppress(Exception):
        type_.coerce_input_value(word)
        return True
    return False
