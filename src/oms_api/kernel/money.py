"""Money as whole minor units of an ISO 4217 currency; no float, and no unit lost in a split."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow

from babel.core import get_global

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError

UNIT_PRICE_DECIMALS = 6
LARGEST_MINOR = 2**53 - 1
EXACTLY = Context(prec=64, traps=[Inexact, InvalidOperation, Overflow])
DECIMALS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""The currencies that do not have two. The Unicode CLDR differs: it holds what is customary, such as none for RSD."""
EXPONENTS = {code: DECIMALS.get(code, 2) for code in get_global("all_currencies")}


@dataclass(eq=False)
class UnknownCurrency(OmsError):
    """'{given}' is not a currency of ISO 4217, such as GBP.

    The code is not a currency of ISO 4217.
    """

    code = "UNKNOWN_CURRENCY"
    given: str


@dataclass(eq=False)
class TooManyDecimals(OmsError):
    """{given} has too many decimals: at most {allowed} are allowed here.

    The amount has more decimals than are allowed here.
    """

    code = "TOO_MANY_DECIMALS"
    given: str
    allowed: int


@dataclass(eq=False)
class MixedCurrencies(OmsError):
    """The amount is in {given}, but the order is in {expected}.

    An amount is in another currency than the order.
    """

    code = "MIXED_CURRENCIES"
    given: str
    expected: str


@dataclass(eq=False)
class AmountTooLarge(OmsError):
    """The order's total is too large to be kept exactly: it can be 9,007,199,254,740,991 minor units at most."""

    code = "AMOUNT_TOO_LARGE"


def exponent(currency: str) -> int:
    """Return how many decimals *currency* has: GBP 2, JPY 0, KWD 3.

    Source: ISO 4217, list one; which codes there are and were: the Unicode CLDR. Raises: UnknownCurrency.
    """
    decimals = EXPONENTS.get(currency)
    if decimals is None:
        raise UnknownCurrency(given=currency)
    return decimals


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, in minor units (pence, cents, yen)."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the decimals of its currency."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """Return *amount* major units as money. Raises: UnknownCurrency, TooManyDecimals, InvalidValue."""
        return cls(to_minor(amount, currency), currency)


def amount_text(minor: int, decimals: int) -> str:
    """Return *minor* units as text in major units, with exactly *decimals*: 1250 with 2 is "12.50"."""
    if not decimals:
        return str(minor)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    return f"{'-' if minor < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


def to_minor(amount: Decimal, currency: str) -> int:
    """Return *amount* in minor units, exactly. Raises: UnknownCurrency, TooManyDecimals, InvalidValue."""
    decimals = exponent(currency)
    if not amount.is_finite() or not -LARGEST_MINOR <= amount <= LARGEST_MINOR:
        raise _not_kept(amount, currency)
    try:
        minor = int(EXACTLY.to_integral_exact(EXACTLY.scaleb(amount, decimals)))
    except (Inexact, InvalidOperation):
        raise TooManyDecimals(given=str(amount), allowed=decimals) from None
    if abs(minor) > LARGEST_MINOR:
        raise _not_kept(amount, currency)
    return minor


def extended_minor(unit_price: Decimal, quantity: int, currency: str) -> int:
    """Return ``unit_price x quantity`` in minor units, half a unit rounded away from zero.

    Raises: UnknownCurrency; InvalidValue, for more than can be kept.
    """
    amount = EXACTLY.multiply(unit_price, quantity)
    product = amount.scaleb(exponent(currency), EXACTLY)
    if not -LARGEST_MINOR <= product <= LARGEST_MINOR:
        raise _not_kept(amount, currency)
    return int(product.to_integral_value(ROUND_HALF_UP))


def _not_kept(amount: Decimal, currency: str) -> InvalidValue:
    most = amount_text(LARGEST_MINOR, exponent(currency))
    return InvalidValue(problem=f"{amount:f} {currency} is beyond what can be kept exactly: at most {most}.")


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split *total* units in proportion to *weights*, so that the parts add up to *total*.

    Largest remainder: every share is rounded towards zero, and the units left go to the largest remainders, the first
    of equals first. Weights of only zeros count as equal. A negative total gives the negated split.
    Raises: ValueError, without weights or with a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("a split needs weights, none of them negative")
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in remainders[: total - sum(parts)]:
        parts[i] += 1
    return parts
