"""What goes wrong between a caller and the door."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class Unauthenticated(OmsError):
    """{problem}"""

    code = "UNAUTHENTICATED"
    problem: str = "This needs a valid API key: it is missing, unknown, expired or revoked."


@dataclass(eq=False)
class NoScopes(OmsError):
    """An API key without a scope could do nothing: name at least one."""

    code = "NO_SCOPES"
