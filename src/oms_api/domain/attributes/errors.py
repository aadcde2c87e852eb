"""Errors of attributes."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class UnknownAttribute(OmsError):
    """No attribute '{given}' is defined for {owner} records: `attributeDefinitions` lists them.

    No attribute with this code is defined for records of this kind.
    """

    code = "UNKNOWN_ATTRIBUTE"
    given: str
    owner: str


@dataclass(eq=False)
class DefinitionInUse(OmsError):
    """{problem}

    Records have values that the new definition would not allow: change these values first, or define another attribute.
    """  # noqa: D415 - the problem ends with a stop

    code = "DEFINITION_IN_USE"
    problem: str
