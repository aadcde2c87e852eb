"""The carriers that there are."""

from importlib.util import find_spec

from oms_api.adapters.carriers import builtin
from oms_api.adapters.carriers.karrio.carrier import KINDS, Karrio
from oms_api.domain.documents.ports import Printer
from oms_api.domain.parcels.port import Carrier, Carriers


def carriers_with(printer: Printer) -> Carriers:
    """Return the carriers by their codes; those of the extra `carriers` where it is installed."""
    carriers: dict[str, Carrier] = {builtin.CODE: builtin.BuiltIn(printer)}
    if find_spec("karrio") is not None:
        carriers |= {kind.code: Karrio(kind) for kind in KINDS}
    return carriers
