"""An address needs a country of ISO 3166-1, and nothing else."""

import pytest

from oms_api.kernel.address import COUNTRIES, Address
from oms_api.kernel.errors import InvalidValue


@pytest.mark.parametrize("country", ["GB", "US", "JP", "DE", "XK"])
def test_a_country_is_enough(country: str) -> None:
    assert Address(country=country).line1 is None


@pytest.mark.parametrize("country", ["", "gb", "UK", "EU", "ZZ", "GBR", "001", "XA"])
def test_what_is_no_country_is_refused(country: str) -> None:
    with pytest.raises(InvalidValue, match="ISO 3166-1") as refused:
        Address(country=country)
    assert refused.value.field == ("country",)


def test_there_are_as_many_countries_as_there_are() -> None:
    assert 245 < len(COUNTRIES) < 260
