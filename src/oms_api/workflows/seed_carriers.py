"""A carrier for the demo shop: one that is built in, with rates and the shipping services that lead to it."""

from decimal import Decimal
from functools import partial

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.commands.set_rates import GivenRate, SetRates, set_rates
from oms_api.domain.carriers.commands.upsert_account import UpsertAccount, upsert_account
from oms_api.domain.carriers.commands.upsert_service import UpsertService, upsert_service
from oms_api.domain.ports import Ports
from oms_api.kernel.access import Principal

ACCOUNT, CARRIER, CURRENCY = "DEMO-POST", "builtin", "GBP"
NAMES = {"STANDARD": "Standard, 3 days", "EXPRESS": "Express, next day"}
RATES = (
    ("STANDARD", "GB", 2_000, "3.95", 3),
    ("STANDARD", "GB", 30_000, "8.95", 3),
    ("STANDARD", None, 2_000, "12.95", 6),
    ("STANDARD", None, 30_000, "29.95", 6),
    ("EXPRESS", "GB", 2_000, "7.95", 1),
    ("EXPRESS", "GB", 30_000, "14.95", 1),
)


async def seed_carriers(work: UnitOfWork, principal: Principal, ports: Ports) -> None:
    """Make an account with the carrier that is built in, its rates and its services, or leave them as they are."""
    make = partial(upsert_account, carriers=ports.carriers, vault=ports.vault)
    command = UpsertAccount(code=ACCOUNT, carrier=CARRIER, name="Demo post", settings={"name": "Demo post"})
    account = await work.execute(principal, make, command)
    rates = tuple(
        GivenRate(service=service, name=NAMES[service], to_country=country, up_to_g=grams, price=Decimal(price), days=days)
        for service, country, grams, price, days in RATES
    )
    await work.execute(principal, set_rates, SetRates(account_id=account.id, currency=CURRENCY, rates=rates))
    for code, name in NAMES.items():
        service = UpsertService(code=code, name=name, account_id=account.id, service=code)
        await work.execute(principal, upsert_service, service)
