"""A few processes that compile documents, started when first needed and kept warm; one that misbehaves is ended, alone."""

import asyncio
import json
import shutil
import struct
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from oms_api.db.columns import Json
from oms_api.domain.documents.errors import DocumentTooLarge, PdfUnreadable, PrinterBusy
from oms_api.kernel.dataclass import dataclass

PRESS = Path(__file__).with_name("press.py")
LENGTH = struct.Struct(">I")
"""Before each message, as the program of a press has it."""
MOST_MEMORY = 1 << 30
MOST_WAITING = 32
MOST_BYTES = 256 << 20
MOST_PAPERS = 100
"""A press is replaced after so many: what typst remembers of earlier papers is never given back."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """The input of one compilation: *files* lie in a folder of their own, and *main* is the document."""

    main: str
    papers: Sequence[Json]
    files: Mapping[str, bytes]
    format: str
    ppi: int = 203
    graphic: bool = False
    """Whether the first page is given as a picture in ZPL, too, behind the pages."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The message of typst about a document that it cannot compile."""

    message: str
    diagnostic: str
    hints: Sequence[str]


class Press:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.papers = 0

    @classmethod
    async def start(cls, fonts: Sequence[Path], memory: int) -> "Press":
        """Start a process; it gets nothing of our environment."""
        command = (sys.executable, "-I", str(PRESS), str(memory), *map(str, fonts))
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={})
        )

    async def ask(self, asked: dict[str, Any]) -> list[bytes] | Fault:
        """Return the pages, or the fault. Raises: PdfUnreadable; EOFError, OSError, when it ended over it."""
        given, taken = self.process.stdin, self.process.stdout
        assert given is not None  # noqa: S101 - both are pipes
        assert taken is not None  # noqa: S101 - see above
        self.papers += len(asked["papers"])
        header = await asyncio.to_thread(lambda: json.dumps(asked, ensure_ascii=False).encode())
        given.write(LENGTH.pack(len(header)) + header)
        await given.drain()
        (length,) = LENGTH.unpack(await taken.readexactly(LENGTH.size))
        answer = json.loads(await taken.readexactly(length))
        if "unreadable" in answer:
            raise PdfUnreadable(papers=answer["unreadable"])
        if "error" in answer:
            return Fault(answer["error"], answer["diagnostic"], answer["hints"])
        if sum(answer["sizes"]) > MOST_BYTES:
            raise EOFError
        return [await taken.readexactly(size) for size in answer["sizes"]]

    async def end(self) -> None:
        """End the process, whatever it does."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Presses:
    """At most *size* processes, and a bounded queue before them."""

    def __init__(
        self, *, fonts: Sequence[Path] = (), size: int = 2, memory: int = MOST_MEMORY, most_waiting: int = MOST_WAITING
    ) -> None:
        self._fonts = fonts
        self._memory = memory
        self._most_waiting = most_waiting
        self._free = asyncio.Semaphore(size)
        self._idle: list[Press] = []
        self.all: set[Press] = set()
        self._waiting = 0

    async def compile(self, work: Compilation, *, seconds: int) -> list[bytes] | Fault:
        """Return the pages of a document, or what is wrong with it.

        Raises: DocumentTooLarge, past *seconds* or the limit of memory; PrinterBusy, where too many wait; PdfUnreadable.
        """
        async with self._taken() as press, laid_out(work.files) as root:
            asked = {
                "root": str(root),
                "main": work.main,
                "papers": work.papers,
                "format": work.format,
                "ppi": work.ppi,
                "graphic": work.graphic,
            }
            try:
                async with asyncio.timeout(seconds):
                    made = await press.ask(asked)
            except (TimeoutError, EOFError, OSError) as error:
                raise DocumentTooLarge(seconds=seconds) from error
        return made

    async def close(self) -> None:
        """End all processes."""
        presses, self.all, self._idle = self.all, set(), []
        await asyncio.gather(*(press.end() for press in presses))

    async def _ready(self) -> Press:
        """Return a press that waits, unless it ended meanwhile, or else a new one."""
        while self._idle:
            press = self._idle.pop()
            if press.process.returncode is None:
                return press
            self.all.discard(press)
        return await Press.start(self._fonts, self._memory)

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[Press]:
        """Give a press to this one caller; it is ended unless it is given back in order."""
        if self._waiting >= self._most_waiting:
            raise PrinterBusy
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            press = await self._ready()
            self.all.add(press)
            sound = False
            try:
                yield press
                sound = press.papers < MOST_PAPERS
            except PdfUnreadable:
                sound = press.papers < MOST_PAPERS
                raise
            finally:
                if sound and press in self.all:
                    self._idle.append(press)
                else:
                    self.all.discard(press)
                    await press.end()
        finally:
            self._free.release()


@asynccontextmanager
async def laid_out(files: Mapping[str, bytes]) -> AsyncIterator[Path]:
    """Give a folder that holds *files* and nothing else, until the block ends."""

    def lay() -> Path:
        folder = Path(tempfile.mkdtemp(prefix="oms-press-"))
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    folder = await asyncio.to_thread(lay)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
