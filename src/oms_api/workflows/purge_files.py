"""Deleting files that have expired."""

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.ports import Ports


async def purge_files(_work: UnitOfWork, ports: Ports) -> None:
    """Delete the files whose time is over."""
    await ports.files.purge()
