"""Errors of a document that is to become an order."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId


@dataclass(eq=False)
class OrderIntakePlaced(OmsError):
    """The document became an order already: change the order instead."""

    code = "ORDER_INTAKE_PLACED"
    order_id: OrderId | None = None


@dataclass(eq=False)
class OrderIntakeDiscarded(OmsError):
    """The document was discarded: submit it again with another external reference."""

    code = "ORDER_INTAKE_DISCARDED"


@dataclass(eq=False)
class NoConnector(OmsError):
    """No built-in connector reads documents of '{source}': place the order by hand with orderIntakeResolve.

    No built-in connector reads documents of this source: place the order by hand with `orderIntakeResolve`.
    """

    code = "NO_CONNECTOR"
    source: str


@dataclass(eq=False)
class IntakeRefTaken(OmsError):
    """Another document of the source has the external reference '{given}': send a correction with another reference.

    The source sent another document with this external reference before: send a correction with a reference of its own.
    """

    code = "INTAKE_REF_TAKEN"
    given: str


@dataclass(eq=False)
class Unreadable(OmsError):
    """The document cannot be read: {problem}.

    The document does not have the format that its connector expects. `field` is the path within the document.
    """

    code = "UNREADABLE_DOCUMENT"
    problem: str
