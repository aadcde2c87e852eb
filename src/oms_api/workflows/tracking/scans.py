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
from oms_api.workflows.tracking.numbers import NumberedPackage, Reporter, chosen, packages_numbered
from oms_api.workflows.tracking.report import TakeScans, take_of_package
from oms_api.workflows.tracking.rows import ReportedScan

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
"""What came of scans, by their places among those that were reported."""
Record = Callable[[Tx, Outcomes], Awaitable[None]]
"""Writes outcomes in the transaction in which they came to be; who only answers needs none."""


async def take_reported(
    desk: Desk, reporter: Reporter, reported: Mapping[int, ReportedScan], *, record: Record | None = None
) -> dict[int, Outcome]:
    """Record scans from *reporter*, by their places, and return the result of each. Raises: Busy, Unavailable.

    What is known needs no lock: scans are never given up. Interrupted, it may be done again: what was kept is known then.
    """
    outcomes: dict[int, Outcome] = {}
    groups: dict[PackageId, dict[int, ReportedScan]] = {}
    async with desk.work.reads(desk.principal) as read:
        candidates = await packages_numbered(read, reporter, {each.tracking_number for each in reported.values()})
        for at, each in reported.items():
            try:
                groups.setdefault(_package(reporter, candidates, each), {})[at] = each
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


def _all_known(reported: Mapping[int, ReportedScan], known: Sequence[Scanned]) -> bool:
    return not unknown_among([each.scan for each in reported.values()], known)


def _package(reporter: Reporter, candidates: Mapping[str, Sequence[NumberedPackage]], reported: ReportedScan) -> PackageId:
    """Return which package a scan is of. Raises: NotFound, ManyPackages."""
    found = candidates.get(reported.tracking_number, ())
    if reported.carrier is not None:
        named = replace(reporter, names=(reported.carrier,))
        found = [each for each in found if each.own or named.called(each.package.carrier)]
    return chosen(found, reported.tracking_number, reported.scan)


async def _of_package(desk: Desk, key: PackageId, reported: Mapping[int, ReportedScan], record: Record | None) -> Outcomes:
    try:
        return await desk.execute(partial(_take, reported=reported, record=record), key)
    except (NotFound, TooManyScans) as error:  # it is gone since it was looked for, or has as many as there may be
        outcomes = dict.fromkeys(reported, Outcome.refused(error))
        if record is not None:
            await desk.execute(record, outcomes)
        return outcomes


async def _take(tx: Tx, key: PackageId, *, reported: Mapping[int, ReportedScan], record: Record | None) -> Outcomes:
    scans = [each.scan for each in reported.values()]
    taken = await take_of_package(tx, TakeScans(package_id=key, scans=scans))
    new = {id(scan) for scan in taken.new}
    outcomes = {
        at: Outcome(ScanOutcome.KEPT if id(each.scan) in new else ScanOutcome.KNOWN, key) for at, each in reported.items()
    }
    if record is not None:
        await record(tx, outcomes)
    return outcomes
