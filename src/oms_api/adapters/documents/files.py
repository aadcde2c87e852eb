"""Files, kept in the database, or in a folder that all processes share."""

import asyncio
import os
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.documents.facts import NewFile
from oms_api.kernel.access import system_principal
from oms_api.kernel.ids import FileId, new_uuid

BATCH = 100
GRACE = timedelta(minutes=1)
KEEPER = system_principal("files")
KEEP = Sql("""
WITH file AS (
    INSERT INTO stored_file (id, name, media_type, size, sha256, channel_ids, location_ids, created_at, expires_at)
    VALUES (:id::uuid, :name::text, :media_type::text, :size::bigint, :sha256::bytea, :channels::uuid[], :locations::uuid[],
            :now::timestamptz, :expires_at::timestamptz)
)
INSERT INTO stored_content (file_id, content) SELECT :id::uuid, :content::bytea WHERE :content::bytea IS NOT NULL
""")
EXPIRED = Sql("""
DELETE FROM stored_file WHERE id = ANY (ARRAY(
    SELECT id FROM stored_file WHERE expires_at < :before::timestamptz ORDER BY expires_at LIMIT :size FOR UPDATE SKIP LOCKED))
RETURNING id
""")
NOT_EXPIRED = "id = :id::uuid AND (expires_at IS NULL OR expires_at > :now::timestamptz)"
KNOWN = Sql(f"SELECT 1 FROM stored_file WHERE {NOT_EXPIRED}")  # noqa: S608 - made of constants
CONTENT = Sql(f"SELECT content FROM stored_content JOIN stored_file ON id = file_id WHERE {NOT_EXPIRED}")  # noqa: S608


class DatabaseFiles:
    """Keeps files in the database, which every process reaches and every backup holds."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def put(self, file: NewFile) -> FileId:
        """Keep *file* and return its id."""
        key = FileId(new_uuid())
        await self._work.execute(KEEPER, partial(note, key=key, content=file.content), file)
        return key

    async def get(self, file_id: FileId) -> bytes | None:
        """Return what is in a file, or None."""
        rows: Sequence[tuple[bytes]] = await self._work.execute(KEEPER, partial(alive, CONTENT), file_id)
        return bytes(rows[0][0]) if rows else None

    async def purge(self) -> int:
        """Delete what has expired, and return how many files that were."""
        count = 0
        while gone := await self._work.execute(KEEPER, take_expired, BATCH):
            count += len(gone)
        return count


class FolderFiles:
    """Keeps the content of files in a folder, by their ids; what is known of them is in the database all the same."""

    def __init__(self, work: UnitOfWork, folder: Path) -> None:
        self._work = work
        self._folder = folder

    async def put(self, file: NewFile) -> FileId:
        """Keep *file* and return its id. What is in the folder before the database knows it can be seen by nobody."""
        key = FileId(new_uuid())
        await asyncio.to_thread(self._write, key, file.content)
        await self._work.execute(KEEPER, partial(note, key=key, content=None), file)
        return key

    async def get(self, file_id: FileId) -> bytes | None:
        """Return what is in a file, or None."""
        if not await self._work.execute(KEEPER, partial(alive, KNOWN), file_id):
            return None
        return await asyncio.to_thread(self._read, file_id)

    async def purge(self) -> int:
        """Delete what has expired, and return how many files that were: what is known of one goes when its bytes are gone."""

        async def batch(tx: Tx, size: int) -> int:
            gone = await take_expired(tx, size)
            await asyncio.to_thread(self._remove, gone)
            return len(gone)

        count = 0
        while done := await self._work.execute(KEEPER, batch, BATCH):
            count += done
        return count

    def _remove(self, gone: Sequence[FileId]) -> None:
        for file_id in gone:
            self._path(file_id).unlink(missing_ok=True)

    def _path(self, file_id: FileId) -> Path:
        return self._folder / file_id.hex[-2:] / file_id.hex

    def _write(self, file_id: FileId, content: bytes) -> None:
        """Write beside, then rename: a file is whole or not there."""
        path = self._path(file_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("xb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)

    def _read(self, file_id: FileId) -> bytes | None:
        try:
            return self._path(file_id).read_bytes()
        except FileNotFoundError:
            return None


async def note(tx: Tx, file: NewFile, *, key: FileId, content: bytes | None) -> None:
    """Write what is known of a file, and its *content* where the database keeps that."""
    await tx.fetch(
        KEEP(
            id=key,
            name=file.name,
            media_type=file.media_type,
            size=len(file.content),
            sha256=sha256(file.content).digest(),
            channels=array(list(file.channels)),
            locations=array(list(file.locations)),
            now=tx.now,
            expires_at=file.expires_at,
            content=content,
        )
    )


async def take_expired(tx: Tx, size: int) -> list[FileId]:
    """Delete what is known of files that have expired, and return them; who has just been given a link still has a minute."""
    rows = await tx.fetch(EXPIRED(before=tx.now - GRACE, size=size))
    return [FileId(key) for (key,) in rows]


async def alive(statement: Sql, tx: Tx, file_id: FileId) -> Sequence[tuple[Any, ...]]:
    """Return what *statement* finds of a file that has not expired."""
    return await tx.fetch(statement(id=file_id, now=tx.now))
