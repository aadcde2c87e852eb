"""The carriers that there are."""

from oms_api.adapters.carriers import builtin
from oms_api.domain.documents.ports import Printer
from oms_api.domain.parcels.port import Carrier, Carriers


def carriers_with(printer: Printer) -> Carriers:
    """Return the carriers by their codes; labels of the one that is built in come from *printer*."""
    carriers: dict[str, Carrier] = {builtin.CODE: builtin.BuiltIn(printer)}
    return carriers
