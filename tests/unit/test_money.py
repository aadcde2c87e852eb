"""Money is exact: minor units of ISO 4217, and no unit is lost in a split."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.money import (
    LARGEST_MINOR,
    Money,
    TooManyDecimals,
    UnknownCurrency,
    exponent,
    extended_minor,
    split,
    to_minor,
)

currencies = st.sampled_from(["GBP", "JPY", "KWD", "CLF", "RSD", "IQD"])
minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=50)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("GBP", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("BHD", 3), ("IQD", 3), ("RSD", 2), ("HUF", 2), ("CLF", 4)],
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("code", ["", "gbp", "GB", "GBPP", "XYZ", "£"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        to_minor(Decimal(1), code)


@given(minors, currencies)
def test_amounts_round_trip(minor: int, currency: str) -> None:
    amount = Money(minor, currency).amount
    assert Money.of(amount, currency) == Money(minor, currency)
    assert -amount.as_tuple().exponent == exponent(currency)  # type: ignore[operator]


@given(st.decimals(allow_nan=True, allow_infinity=True), currencies)
@example(Decimal("1E+999999"), "GBP")
@example(Decimal("1E-999999"), "GBP")
@example(Decimal("1.00000000000000000000000000000000000001"), "GBP")
@example(Decimal(LARGEST_MINOR), "GBP")
@example(Decimal("sNaN"), "GBP")
@example(Decimal("1." + "0" * 100), "GBP")
def test_any_amount_is_taken_exactly_or_refused(amount: Decimal, currency: str) -> None:
    try:
        minor = to_minor(amount, currency)
    except (TooManyDecimals, InvalidValue):
        return
    assert abs(minor) <= LARGEST_MINOR
    assert Fraction(minor) == Fraction(amount) * 10 ** exponent(currency)


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "GBP"), ("0.5", "JPY"), ("1.2345", "KWD")])
def test_too_many_decimals_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(TooManyDecimals) as refused:
        to_minor(Decimal(amount), currency)
    assert refused.value.allowed == exponent(currency)


@pytest.mark.parametrize(
    ("price", "quantity", "currency", "minor"),
    [
        ("0.125", 1, "GBP", 13),
        ("0.124999", 1, "GBP", 12),
        ("-0.125", 1, "GBP", -13),
        ("0.5", 3, "JPY", 2),
        ("1.0005", 1, "KWD", 1001),
    ],
)
def test_a_line_is_rounded_half_away_from_zero(price: str, quantity: int, currency: str, minor: int) -> None:
    assert extended_minor(Decimal(price), quantity, currency) == minor


@given(st.decimals(0, 10**14, places=6), st.integers(1, 2**31 - 1), currencies)
def test_a_line_is_at_most_half_a_unit_off_or_too_large(price: Decimal, quantity: int, currency: str) -> None:
    exact = Fraction(price) * quantity * 10 ** exponent(currency)
    if exact > LARGEST_MINOR:
        with pytest.raises(InvalidValue):
            extended_minor(price, quantity, currency)
    else:
        assert abs(extended_minor(price, quantity, currency) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(("currency", "most"), [("GBP", "90071992547409.91"), ("JPY", "9007199254740991")])
def test_what_is_too_much_is_told_as_an_amount_with_the_most(currency: str, most: str) -> None:
    told = rf" 9900000000000000 {currency} is beyond what can be kept exactly: at most {most}\.$"
    with pytest.raises(InvalidValue, match=told):
        to_minor(Decimal(99 * 10**14), currency)
    with pytest.raises(InvalidValue, match=told):
        extended_minor(Decimal(99 * 10**11), 1000, currency)


@given(minors, weights)
def test_a_split_loses_nothing_and_is_fair_to_one_unit(total: int, shares: list[int]) -> None:
    parts = split(total, shares)
    whole = sum(shares)
    even = Fraction(1, len(shares))
    assert sum(parts) == total
    assert all(
        abs(part - total * (Fraction(share, whole) if whole else even)) < 1 for part, share in zip(parts, shares, strict=True)
    )
    assert not whole or all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)


@given(minors, weights)
def test_a_negative_total_gives_the_negated_split(total: int, shares: list[int]) -> None:
    assert split(-total, shares) == [-part for part in split(total, shares)]


def test_units_left_go_to_the_largest_remainders_the_first_of_equals_first() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(10, [1, 2, 4]) == [1, 3, 6]
    assert split(5, [0, 0]) == [3, 2]


@pytest.mark.parametrize("shares", [[], [-1, 2]])
def test_a_split_needs_weights(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(1, shares)
