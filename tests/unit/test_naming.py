"""What things are called."""

from uuid import UUID

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.naming import LONGEST_PLAIN_EMAIL, PLAIN_EMAIL, check_email, shown

LINE = text_id(IdKind.TRANSFER_LINE, UUID(int=7))


@pytest.mark.parametrize(
    ("path", "as_shown"),
    [
        ("status", "status"),
        ("lead_time_mean_days", "leadTimeMeanDays"),
        ("leadTime", "leadTime"),
        (f"lines.{LINE}.brought_back", f"lines.{LINE}.broughtBack"),
        (f"oversell_rules.{LINE}.limit", f"oversellRules.{LINE}.limit"),
    ],
)
def test_names_are_shown_as_the_schema_has_them(path: str, as_shown: str) -> None:
    assert shown(path) == as_shown


PIECES = [
    "@",
    ".",
    "-",
    "--",
    "xn--",
    "a",
    "Z",
    "9",
    "_",
    "+",
    "'",
    '"',
    " ",
    "\n",
    "com",
    "example",
    "x" * 60,
    "\u017f",
    "\u212a",
    "é",
]
NEAR_ADDRESSES = st.lists(st.sampled_from([*PIECES, *SPECIAL_USE_DOMAIN_NAMES]), max_size=9).map("".join)
ADDRESSES = st.builds("{}@{}".format, NEAR_ADDRESSES, NEAR_ADDRESSES)


@settings(max_examples=400)
@given(st.one_of(ADDRESSES, st.emails()))
def test_an_address_is_taken_exactly_where_the_validator_takes_it(address: str) -> None:
    assert taken(address) == valid(address)


@pytest.mark.parametrize("name", SPECIAL_USE_DOMAIN_NAMES)
def test_names_that_mail_cannot_be_sent_to_are_refused_at_the_end_of_a_domain_only(name: str) -> None:
    assert not taken(f"ada@{name}")
    assert not taken(f"ada@example.{name.upper()}")
    assert taken(f"ada@{name}.example.com")


def test_most_addresses_need_no_second_look() -> None:
    for address in ("ada@example.com", "Ada.Lovelace+shop@mail.example.co.uk", "o'hara_1@x-y.io"):
        assert len(address) <= LONGEST_PLAIN_EMAIL
        assert PLAIN_EMAIL.fullmatch(address)


def taken(address: str) -> bool:
    try:
        check_email(address)
    except InvalidValue:
        return False
    return True


def valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
