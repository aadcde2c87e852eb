"""Recording many scans of many parcels: each parcel in a transaction of its own, each scan with its result."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from oms_api.db.session import Tx
from oms_api.domain.carriers.errors import ManyPackages, TooManyScans
from oms_api.domain.carriers.folding import Scanned, unknown_among
from oms_api.domain.carriers.queries import scans_by_package
from oms_api.domain.carriers.states import ScanOutcome
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError
from oms_api.kernel.ids import PackageId
from oms_api.workflows.labels.desk import Desk
from oms_api.workflows.tracking.numbers import Candidate, Teller, chosen, packages_numbered
from oms_api.workflows.tracking.report import TakeScans, take_of_package
from oms_api.workflows.tracking.rows import ToldScan

AT_ONCE = 4
"""How many parcels are moved at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a scan: kept for its package, known there before, or refused with an error."""

    outcome: ScanOutcome
    package_id: PackageId | None = None
    error: OmsError | None = None

    @classmethod
    def refused(cls, error: OmsError) -> "Outcome":
        """Return that a scan was refused, with the first of all that is wrong."""
        return cls(ScanOutcome.REFUSED, error=error.causes[0])


Outcomes = Mapping[int, Outcome]
"""What came of scans, by their places among those that were told."""
Record = Callable[[Tx, Outcomes], Awaitable[None]]
"""Writes outcomes in the transaction in which they came to be; who only answers needs none."""


async def take_told(
    desk: Desk, teller: Teller, told: Mapping[int, ToldScan], *, record: Record | None = None
) -> dict[int, Outcome]:
    """Record scans from *teller*, by their places, and return the result of each. Raises: Busy, Unavailable.

    What is known needs no lock: scans are never given up. Interrupted, it may be done again: what was kept is known then.
    """
    outcomes: dict[int, Outcome] = {}
    groups: dict[PackageId, dict[int, ToldScan]] = {}
    async with desk.work.reads(desk.principal) as read:
        candidates = await packages_numbered(read, teller, {each.tracking_number for each in told.values()})
        for at, each in told.items():
            try:
                groups.setdefault(_package(teller, candidates, each), {})[at] = each
            except (NotFound, ManyPackages) as error:
                outcomes[at] = Outcome.refused(error)
        known = await scans_by_package(read, groups)
    for key in [key for key, group in groups.items() if _all_known(group, known.get(key, ()))]:
        outcomes |= dict.fromkeys(groups.pop(key), Outcome(ScanOutcome.KNOWN, key))
    if outcomes and record is not None:
        await desk.execute(record, outcomes)
    few = asyncio.Semaphore(AT_ONCE)

    async def one(key: PackageId) -> Outcomes:
        async with few:
            return await _of_package(desk, key, groups[key], record)

    ended = await asyncio.gather(*map(one, sorted(groups)), return_exceptions=True)
    for each_ended in ended:
        if isinstance(each_ended, BaseException):
            raise each_ended
        outcomes |= each_ended
    return outcomes


def _all_known(told: Mapping[int, ToldScan], known: Sequence[Scanned]) -> bool:
    return not unknown_among([each.scan for each in told.values()], known)


def _package(teller: Teller, candidates: Mapping[str, Sequence[Candidate]], told: ToldScan) -> PackageId:
    """Return which package a scan is of. Raises: NotFound, ManyPackages."""
    found = candidates.get(told.tracking_number, ())
    if told.carrier is not None:
        named = replace(teller, names=(told.carrier,))
        found = [each for each in found if each.own or named.called(each.package.carrier)]
    return chosen(found, told.tracking_number, told.scan)


async def _of_package(desk: Desk, key: PackageId, told: Mapping[int, ToldScan], record: Record | None) -> Outcomes:
    try:
        return await desk.execute(partial(_take, told=told, record=record), key)
    except (NotFound, TooManyScans) as error:  # it is gone since it was looked for, or has as many as there may be
        outcomes = dict.fromkeys(told, Outcome.refused(error))
        if record is not None:
            await desk.execute(record, outcomes)
        return outcomes


async def _take(tx: Tx, key: PackageId, *, told: Mapping[int, ToldScan], record: Record | None) -> Outcomes:
    scans = [each.scan for each in told.values()]
    taken = await take_of_package(tx, TakeScans(package_id=key, scans=scans))
    new = {id(scan) for scan in taken.new}
    outcomes = {at: Outcome(ScanOutcome.KEPT if id(each.scan) in new else ScanOutcome.KNOWN, key) for at, each in told.items()}
    if record is not None:
        await record(tx, outcomes)
    return outcomes
