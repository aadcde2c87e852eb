"""What can be wrong with a document that is to become an order."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import OrderId


@dataclass(eq=False)
class OrderIntakePlaced(OmsError):
    """The document became an order already: change that instead."""

    code = "ORDER_INTAKE_PLACED"
    order_id: OrderId | None = None


@dataclass(eq=False)
class OrderIntakeDiscarded(OmsError):
    """The document was discarded: submit it again with another external reference."""

    code = "ORDER_INTAKE_DISCARDED"


@dataclass(eq=False)
class NoConnector(OmsError):
    """Nothing here reads documents of '{source}': say which order it means with orderIntakeResolve.

    No connector for the source is built in: one outside lists what was received, and says which orders they mean.
    """

    code = "NO_CONNECTOR"
    source: str


@dataclass(eq=False)
class IntakeRefTaken(OmsError):
    """Another document of the source was received with the external reference '{given}'.

    The source sent another document with this external reference before: send a correction with a reference of its own.
    """

    code = "INTAKE_REF_TAKEN"
    given: str


@dataclass(eq=False)
class Unreadable(OmsError):
    """The document cannot be read: {problem}.

    The document has not the shape that its source has. `field` says where, from the document on.
    """

    code = "UNREADABLE_DOCUMENT"
    problem: str
