"""What goes wrong between a caller and the door."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError

NO_KEY = "send it in the header Authorization: Bearer <key>"


@dataclass(eq=False)
class Unauthenticated(OmsError):
    """This needs a valid API key: {problem}.

    The request has no API key, or its key is wrong, revoked or expired.
    """

    code = "UNAUTHENTICATED"
    problem: str = "it is unknown or was revoked"


@dataclass(eq=False)
class BeyondSupplier(OmsError):
    """Stock, orders and customers belong to no supplier: limit the key to locations too for {scopes}.

    The API key is limited to certain suppliers, but some of its scopes are for records that belong to no supplier: limit the
    key to certain locations too, or leave these scopes out.
    """

    code = "BEYOND_SUPPLIER"
    scopes: str


@dataclass(eq=False)
class NoScopes(OmsError):
    """An API key without a scope could do nothing: name at least one scope."""

    code = "NO_SCOPES"
