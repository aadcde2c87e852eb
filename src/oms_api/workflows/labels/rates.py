"""The prices of a parcel, by all accounts of its location: all are asked at once, and failures are listed."""

import asyncio
from collections.abc import Sequence
from typing import Any

from oms_api.db.session import Reader
from oms_api.domain.carriers.commands.upsert_account import known
from oms_api.domain.carriers.policies import RATES_S
from oms_api.domain.carriers.queries import accounts_serving
from oms_api.domain.carriers.tables import CarrierAccountRow
from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.domain.parcels.port import Parcel, Quote
from oms_api.domain.ports import Ports
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, PackageId, text_id
from oms_api.workflows.labels.desk import access_to, asked
from oms_api.workflows.labels.facts import parcel_of, parcels_of_packages, parcels_of_work


@dataclass(frozen=True, slots=True)
class Offer:
    """The price that an account offers for a parcel."""

    account: CarrierAccountRow
    quote: Quote


@dataclass(frozen=True, slots=True)
class FailedAccount:
    """Why an account asks nothing."""

    account: CarrierAccountRow
    error: OmsError


@dataclass(frozen=True, slots=True)
class OfferedRates:
    """The offers of all accounts, the cheapest first, and which failed."""

    offers: Sequence[Offer]
    failures: Sequence[FailedAccount]


async def rates_for(read: Reader, ports: Ports, work_id: FulfillmentOrderId, package_id: PackageId | None) -> OfferedRates:
    """Return what a package costs, or what is left of a fulfillment order as one parcel.

    Raises: NotFound, WeightMissing, AddressMissing.
    """
    work = await fulfillment_order_by_id(read, work_id)
    facts: Any = None
    if package_id is None:
        facts = await parcels_of_work.of_one(read, work_id)
    else:
        facts = await parcels_of_packages.of_one(read, package_id)
        if facts is None or facts.fulfillment_order_id != work_id:
            raise NotFound(what="package", given=text_id(IdKind.PACKAGE, package_id), field=("packageId",))
    parcel = parcel_of(facts)
    accounts = await read.all(accounts_serving(work.location_id))
    answers = await asyncio.gather(*(_of_account(read, ports, account, parcel) for account in accounts))
    offers = [offer for answer in answers if not isinstance(answer, FailedAccount) for offer in answer]
    failures = [answer for answer in answers if isinstance(answer, FailedAccount)]
    return OfferedRates(sorted(offers, key=lambda offer: (offer.quote.price.currency, offer.quote.price.minor)), failures)


async def _of_account(read: Reader, ports: Ports, account: CarrierAccountRow, parcel: Parcel) -> list[Offer] | FailedAccount:
    try:
        access = await access_to(read, ports, account)
        carrier = known(ports.carriers, account.carrier)
        return [Offer(account, quote) for quote in await asked(carrier.rates(access, parcel), seconds=RATES_S)]
    except OmsError as error:
        return FailedAccount(account, error)
