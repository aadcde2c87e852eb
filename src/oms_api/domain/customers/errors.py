"""Errors of a customer."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class ExternalRefTaken(OmsError):
    """Another customer has the external reference '{given}' already: change that customer, or give another reference.

    Another customer has this external reference.
    """

    code = "EXTERNAL_REF_TAKEN"
    given: str
