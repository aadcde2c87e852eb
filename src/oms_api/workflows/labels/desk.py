"""The caller of carriers: the unit of work, the principal and the ports. All calls end within a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import structlog

from oms_api.db.session import Reader, Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.commands.upsert_account import known
from oms_api.domain.carriers.credentials import opened
from oms_api.domain.carriers.policies import CALL_S
from oms_api.domain.carriers.queries import account_by_id, rates_by_account, zones_by_code
from oms_api.domain.carriers.rating import RateTable
from oms_api.domain.carriers.tables import CarrierAccountRow, CarrierRateRow
from oms_api.domain.parcels.port import (
    Access,
    BoughtLabel,
    Carrier,
    CarrierRefused,
    CarrierTimedOut,
    CarrierUnreadable,
    ParcelRate,
)
from oms_api.domain.ports import Ports
from oms_api.domain.shipping.tracking import is_number, is_page
from oms_api.domain.sourcing.places import Map, Zone, plain
from oms_api.domain.sourcing.tables import PostalZoneRow
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import CarrierAccountId
from oms_api.kernel.money import EXPONENTS, LARGEST_MINOR, Money

Answer = TypeVar("Answer")
Command = TypeVar("Command")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    """The caller of carriers for labels."""

    work: UnitOfWork
    principal: Principal
    ports: Ports

    async def execute(self, command: Callable[[Tx, Command], Awaitable[Answer]], arguments: Command) -> Answer:
        """Run *command* in a transaction of its own."""
        return await self.work.execute(self.principal, command, arguments)

    async def access(self, account_id: CarrierAccountId) -> tuple[CarrierAccountRow, Access]:
        """Return an account, and how its carrier takes it. Raises: NotFound, CredentialsUnreadable."""
        async with self.work.reads(self.principal) as read:
            account = await account_by_id(read, account_id)
            return account, await access_to(read, self.ports, account)

    def carrier(self, account: CarrierAccountRow) -> Carrier:
        """Return the carrier of *account*. Raises: UnknownCarrier."""
        return known(self.ports.carriers, account.carrier)


def name_of(account: CarrierAccountRow, carrier: Carrier) -> str:
    """Return what packages with labels of *account* call their carrier."""
    return account.settings.get("name") or carrier.title


async def access_to(read: Reader, ports: Ports, account: CarrierAccountRow) -> Access:
    """Return *account* as its carrier takes it. Raises: CredentialsUnreadable."""
    return Access(
        account_id=account.id,
        credentials=opened(ports.vault, account.id, account.credentials),
        settings=account.settings,
        rates=await rates_of(read, account.id),
    )


async def rates_of(read: Reader, account_id: CarrierAccountId) -> RateTable:
    """Return the rates of an account."""
    rates = await rates_by_account.of_one(read, account_id)
    named = {zone for rate in rates for zone in (rate.from_zone, rate.to_zone) if zone is not None}
    zones = await zones_by_code(read, sorted(named))
    return RateTable([_rate(rate) for rate in rates], Map([_zone(zone) for zone in zones.values()]))


def _rate(row: CarrierRateRow) -> ParcelRate:
    return ParcelRate(
        service=row.service,
        name=row.name,
        up_to_g=row.up_to_g,
        price=Money(row.price_minor, row.currency),
        from_zone=row.from_zone,
        to_zone=row.to_zone,
        to_country=row.to_country,
        days=row.days,
    )


def _zone(row: PostalZoneRow) -> Zone:
    return Zone(
        code=row.code,
        country=row.country,
        prefixes=tuple(map(plain, row.prefixes)),
        ranges=tuple((plain(low), plain(high)) for low, high in row.ranges),
    )


async def asked(call: Awaitable[Answer], *, seconds: int | None = None) -> Answer:
    """Return what a carrier answers. Raises: CarrierRefused, CarrierTimedOut, CarrierUnreadable, and nothing else.

    What else an adapter refuses, such as a label that cannot be printed, was refused before anything was bought.
    """
    limit = CALL_S if seconds is None else seconds
    try:
        async with asyncio.timeout(limit):
            return await call
    except TimeoutError:
        raise CarrierTimedOut(seconds=limit) from None
    except (CarrierRefused, CarrierTimedOut, CarrierUnreadable):
        raise
    except OmsError as error:
        raise CarrierRefused(carrier_code=error.code, carrier_message=error.message, field=error.field) from None
    except Exception as error:  # noqa: BLE001 - whatever an adapter raises, the label is not lost
        log.error("carrier_broke_down", error=type(error).__name__)  # noqa: TRY400 - a traceback may show credentials
        raise CarrierUnreadable from None


def checked(bought: BoughtLabel) -> BoughtLabel:
    """Return what was bought, without what cannot be. Raises: CarrierUnreadable, for a label without a number."""
    if not is_number(bought.tracking_number) or not is_number(bought.carrier_ref):
        raise CarrierUnreadable
    price, page = bought.price, bought.tracking_url
    if price is not None and (price.currency not in EXPONENTS or not 0 <= price.minor <= LARGEST_MINOR):
        price = None
    if page is not None and not is_page(page):
        page = None
    return replace(bought, price=price, tracking_url=page)
