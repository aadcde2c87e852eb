"""Files are kept whole, in the database or in a folder, until they expire."""

from datetime import timedelta
from pathlib import Path

import pytest

from oms_api.adapters.documents.files import DatabaseFiles, FolderFiles
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.facts import PDF, NewFile
from oms_api.domain.documents.ports import FileStore
from oms_api.kernel.ids import FileId, new_uuid

EVERY_BYTE = bytes(range(256)) * 5


@pytest.fixture(params=["database", "folder"])
def files(request: pytest.FixtureRequest, work: UnitOfWork, tmp_path: Path) -> FileStore:
    return DatabaseFiles(work) if request.param == "database" else FolderFiles(work, tmp_path / "files")


async def test_a_file_comes_back_as_it_was_put(files: FileStore) -> None:
    kept = await files.put(NewFile(name="slip.pdf", media_type=PDF, content=EVERY_BYTE))
    empty = await files.put(NewFile(name="nothing", media_type=PDF, content=b""))
    assert await files.get(kept) == EVERY_BYTE
    assert await files.get(empty) == b""
    assert await files.get(FileId(new_uuid())) is None


async def test_an_expired_file_is_not_given(files: FileStore, work: UnitOfWork) -> None:
    gone = work.clock() - timedelta(seconds=1)
    kept = await files.put(NewFile(name="slip.pdf", media_type=PDF, content=b"x", expires_at=gone))
    assert await files.get(kept) is None
