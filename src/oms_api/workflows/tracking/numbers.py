"""The package of a scan, by its tracking number: a carrier may number two parcels alike."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from oms_api.db.session import Reader
from oms_api.domain.carriers.errors import ManyPackages
from oms_api.domain.carriers.folding import Scanned, unknown_among
from oms_api.domain.carriers.queries import labels_by_package, scans_by_package
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.shipping.queries import packages_by_number
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import CarrierAccountId, PackageId

GIVEN_UP = {PackageStatus.VOIDED, PackageStatus.CANCELED}


@dataclass(frozen=True, slots=True)
class Reporter:
    """The source of scans: an account reports on its own labels, and on packages whose carrier is called one of its *names*.

    Without names whoever reports may mean any package.
    """

    names: Collection[str] | None = None
    account_id: CarrierAccountId | None = None

    def called(self, name: str | None) -> bool:
        """Tell whether a package's carrier may be this one."""
        return self.names is None or (name is not None and name.casefold() in {each.casefold() for each in self.names})


@dataclass(frozen=True, slots=True)
class NumberedPackage:
    """A package with the tracking number; *own*, its label is of the account that reports."""

    package: PackageRow
    own: bool
    scans: Sequence[Scanned]


def chosen(candidates: Sequence[NumberedPackage], number: str, scan: Scanned) -> PackageId:
    """Return which of the packages with a number a scan is of: one that has it, else the only one that is on its way.

    A parcel that was given up, and packed again under its number, is the one that is left. Raises: NotFound; ManyPackages.
    """
    left = [each for each in candidates if each.package.status not in GIVEN_UP] or candidates
    left = [each for each in left if each.own] or left
    if len(left) > 1:
        left = [each for each in left if not unknown_among([scan], each.scans)] or left
    if len(left) > 1:
        left = [each for each in left if each.package.status is PackageStatus.SHIPPED] or left
    if not left:
        raise NotFound(what="package", given=number, field=("trackingNumber",))
    if len(left) > 1:
        raise ManyPackages(given=number, field=("trackingNumber",))
    return left[0].package.id


async def packages_numbered(
    read: Reader, reporter: Reporter, numbers: Iterable[str]
) -> Mapping[str, Sequence[NumberedPackage]]:
    """Return the packages that *reporter* may mean by each of *numbers*."""
    found = await packages_by_number(read, numbers)
    keys = [package.id for packages in found.values() for package in packages]
    labels = {} if reporter.account_id is None else await labels_by_package(read, keys)
    alike = [package.id for packages in found.values() for package in packages if len(packages) > 1]
    scans = await scans_by_package(read, alike)

    def candidate(package: PackageRow) -> NumberedPackage:
        return NumberedPackage(package, _own(reporter, package, labels.get(package.id, ())), scans.get(package.id, ()))

    return {
        str(number): [each for each in map(candidate, packages) if each.own or reporter.called(each.package.carrier)]
        for number, packages in found.items()
    }


def _own(reporter: Reporter, package: PackageRow, labels: Sequence[LabelRow]) -> bool:
    return any(label.account_id == reporter.account_id and label.tracking_number == package.tracking_number for label in labels)
