"""The file's 40 names of countries as codes of ISO 3166-1; what is no country has none."""

from functools import cache

from babel import Locale

from oms_api.kernel.address import COUNTRIES

OTHER_NAMES = {
    "EIRE": "IE",
    "USA": "US",
    "RSA": "ZA",
    "Korea": "KR",
    "Hong Kong": "HK",
    "Czech Republic": "CZ",
}
NO_COUNTRY = {"Unspecified", "Channel Islands", "West Indies", "European Community"}
"""Nothing said, two bailiwicks (JE and GG), a region, a union: naming one country would be a guess."""


def country_code(name: str) -> str | None:
    """Return the code of the country that the file calls *name*, or None where it names none or none that is known."""
    return None if name in NO_COUNTRY else OTHER_NAMES.get(name) or _names().get(name)


@cache
def _names() -> dict[str, str]:
    territories = Locale("en").territories
    return {str(territories[code]): code for code in COUNTRIES}
