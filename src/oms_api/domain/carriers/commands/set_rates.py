"""Setting all rates of an account at once."""

from collections.abc import Sequence
from decimal import Decimal

from oms_api.db.session import Tx
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.db.versioned import locking
from oms_api.domain.carriers.errors import RateTwice, UnknownZone
from oms_api.domain.carriers.events import CarrierAccountChanged
from oms_api.domain.carriers.tables import CarrierAccountRow, CarrierRateRow
from oms_api.kernel.address import COUNTRIES
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, NotFound, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import CarrierAccountId, CarrierRateId, IdKind, text_id
from oms_api.kernel.money import to_minor
from oms_api.kernel.naming import check_code, check_name, check_version

MOST_RATES = 2_000
MOST_DAYS = 365
HEAVIEST_G = 100_000_000
locked_account = locking(CarrierAccountRow)
ZONES = Sql("SELECT code FROM postal_zone WHERE code = ANY (:codes::text[])")
REPLACED = Sql("DELETE FROM carrier_rate WHERE account_id = :account::uuid RETURNING 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRate:
    """The price of a service for a parcel of at most *up_to_g*."""

    service: str
    price: Decimal
    up_to_g: int
    name: str | None = None
    from_zone: str | None = None
    to_zone: str | None = None
    to_country: str | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRates:
    """All rates of an account, in one currency: those that it had are gone."""

    account_id: CarrierAccountId
    currency: str
    rates: tuple[GivenRate, ...]
    expected_version: int | None = None


async def set_rates(tx: Tx, command: SetRates) -> CarrierAccountRow:
    """Replace the rates of an account, and return the account.

    Raises: NotFound, VersionConflict, LimitedKey; Refused with all that is wrong with the rates.
    """
    tx.principal.check_unlimited("channels", "locations")
    if len(command.rates) > MOST_RATES:
        raise TooManyItems(limit=MOST_RATES, given=len(command.rates), field=("rates",))
    errors = wrong_in(lambda: to_minor(Decimal(0), command.currency))
    if errors:
        raise Refused(errors=[error.at("currencyCode") for error in errors])
    errors = [error for at, rate in enumerate(command.rates) for error in _wrong(at, rate, command.currency)]
    errors += _twice(command.rates)
    errors += await _unknown_zones(tx, command.rates)
    if errors:
        raise Refused(errors=errors)
    account = await locked_account(tx, command.account_id)
    if account is None:
        given = text_id(IdKind.CARRIER_ACCOUNT, command.account_id)
        raise NotFound(what="carrier account", given=given, field=("accountId",))
    check_version(command.expected_version, account.version)
    gone = len(await tx.fetch(REPLACED(account=account.id)))
    await tx.insert(CarrierRateRow, [_row(tx, command, rate) for rate in command.rates])
    after = await tx.updated(CarrierAccountRow, {"id": account.id, "version": account.version + 1, "updated_at": tx.now})
    tx.emit(CarrierAccountChanged(subject_id=account.id, changes={"rates": (gone, len(command.rates))}))
    return after


def _row(tx: Tx, command: SetRates, rate: GivenRate) -> dict[str, object]:
    return {
        "id": tx.new_id(CarrierRateId),
        "account_id": command.account_id,
        "service": rate.service,
        "name": rate.name or rate.service,
        "from_zone": rate.from_zone,
        "to_zone": rate.to_zone,
        "to_country": rate.to_country,
        "up_to_g": rate.up_to_g,
        "price_minor": to_minor(rate.price, command.currency),
        "currency": command.currency,
        "days": rate.days,
    }


def _wrong(at: int, rate: GivenRate, currency: str) -> list[OmsError]:
    errors = wrong_in(
        lambda: check_code(rate.service, "service"),
        lambda: None if rate.name is None else check_name(rate.name, "name"),
    )
    errors += [error.at("price") for error in wrong_in(lambda: to_minor(rate.price, currency))]
    if rate.price < 0:
        errors.append(InvalidValue(problem="A price is 0 or more.", field=("price",)))
    if not 0 < rate.up_to_g <= HEAVIEST_G:
        errors.append(InvalidQuantity(given=rate.up_to_g, largest=HEAVIEST_G, field=("upToG",)))
    if rate.days is not None and not 0 <= rate.days <= MOST_DAYS:
        errors.append(InvalidQuantity(given=rate.days, least=0, largest=MOST_DAYS, field=("days",)))
    if rate.to_country is not None and rate.to_country not in COUNTRIES:
        problem = f"'{rate.to_country}' is not a country code of ISO 3166-1 alpha-2, such as GB."
        errors.append(InvalidValue(problem=problem, field=("toCountry",)))
    return [error.at("rates", at) for error in errors]


def _twice(rates: Sequence[GivenRate]) -> list[OmsError]:
    seen: set[tuple[object, ...]] = set()
    errors: list[OmsError] = []
    for at, rate in enumerate(rates):
        key = rate.service, rate.from_zone, rate.to_zone, rate.to_country, rate.up_to_g
        if key in seen:
            errors.append(RateTwice(field=("rates", str(at))))
        seen.add(key)
    return errors


async def _unknown_zones(tx: Tx, rates: Sequence[GivenRate]) -> list[OmsError]:
    named = [
        (("rates", str(at), path), zone)
        for at, rate in enumerate(rates)
        for path, zone in (("fromZone", rate.from_zone), ("toZone", rate.to_zone))
        if zone is not None
    ]
    wanted = sorted({zone for _, zone in named if "\0" not in zone})
    there = {code for (code,) in await tx.fetch(ZONES(codes=text_array(wanted)))} if named else set()
    return [UnknownZone(given=zone, field=path) for path, zone in named if zone not in there]
