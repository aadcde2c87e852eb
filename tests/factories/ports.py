"""The ports of tests: the real adapters, with one printer for all tests of a process."""

from dataclasses import replace

from oms_api.adapters.carriers.known import carriers_with
from oms_api.adapters.documents.printer import TypstPrinter
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.ports import Ports
from oms_api.kernel.secrets import Secrets
from oms_api.kernel.vault import Vault
from oms_api.settings import Settings
from oms_api.wiring import ports_on

PRINTER = TypstPrinter()
"""Its processes start with the first document; conftest ends them."""


VAULT = Vault(Secrets(("a secret for what tests seal",)))


def ports_of(work: UnitOfWork) -> Ports:
    """Return the adapters on *work*."""
    return replace(ports_on(work, Settings()), printer=PRINTER, carriers=carriers_with(PRINTER), vault=VAULT)
