"""Words for people: what timelines and explanations are made of."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from oms_api.kernel.money import amount_text, exponent

MOST_NAMED = 5


def enumerated(parts: Sequence[str]) -> str:
    """Return *parts* as a sentence has them: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def words(name: str) -> str:
    """Return the name of a field as people say it: billingAddress is ``billing address``."""
    return re.sub("([A-Z])", lambda found: f" {found[0].lower()}", name)


def units_of(units: Mapping[str, int]) -> str:
    """Return so many units of each thing: ``2 of MUG-BLUE and 1 of CANDLE``; of many things the first, and how many others."""
    parts = [f"{count} of {name}" for name, count in units.items()]
    if len(parts) <= MOST_NAMED:
        return enumerated(parts)
    rest = sum(list(units.values())[MOST_NAMED:])
    return enumerated([*parts[:MOST_NAMED], f"{rest} of {len(parts) - MOST_NAMED} others"])


def were(units: Mapping[str, int]) -> str:
    """Return the same with the verb that belongs to it: ``1 of CANDLE was``, or for none, ``Units were``."""
    if not units:
        return "Units were"
    return f"{units_of(units)} {'was' if sum(units.values()) == 1 else 'were'}"


def money_text(minor: int, currency: str) -> str:
    """Return an amount with its currency: ``41.45 GBP``."""
    return f"{amount_text(minor, exponent(currency))} {currency}"


def day_text(day: date, today: date) -> str:
    """Return a day as people say it: ``3 October``, with its year where that is not the present one."""
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B} {day.year}"
