"""What use cases may call of the world outside.

None of it is called inside a transaction: a use case records what it means to do, calls, and records what came of it.
"""

from oms_api.domain.documents.ports import FileStore, Printer
from oms_api.domain.parcels.port import Carriers
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The adapters that this process works with; wiring joins them."""

    files: FileStore
    printer: Printer
    carriers: Carriers
    vault: Vault

    async def close(self) -> None:
        """End what they started."""
        await self.printer.close()
