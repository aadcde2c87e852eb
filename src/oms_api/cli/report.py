"""Commands that look and tell: schema, states, seed, doctor."""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from oms_api.cli.console import emit_json, read_settings, say, table
from oms_api.cli.database import check_migrated, located
from oms_api.cli.failing import CommandError
from oms_api.kernel.access import system_principal
from oms_api.settings import Settings
from oms_api.wiring import open_ports, open_work

if TYPE_CHECKING:
    from oms_api.workflows.doctor import Finding

OPERATOR = system_principal("oms")


def schema(path: Path, *, check: bool) -> None:
    """Write the schema to *path*. Raises: CommandError, when it is only to be compared and differs."""
    from oms_api.graphql.schema import build_schema  # noqa: PLC0415 - a second of work for no other command here

    _generated(path, build_schema().as_str().rstrip("\n") + "\n", "oms schema", check=check)


def states(path: Path, *, check: bool) -> None:
    """Write the state diagrams to *path*. Raises: CommandError, when they are only to be compared and differ."""
    from oms_api.domain.lives import drawn  # noqa: PLC0415 - no other command needs every area

    _generated(path, drawn(), "oms states", check=check)


def _generated(path: Path, text: str, command: str, *, check: bool) -> None:
    """Write *text* to *path*, or compare it. Raises: CommandError, naming the *command* that writes it."""
    if not check:
        path.write_bytes(text.encode())
        say(f"{path} was written.")
    elif path.exists() and path.read_bytes() == text.encode():
        say(f"{path} is as this code makes it.")
    else:
        raise CommandError(f"{path} is not as this code makes it: run `{command}` (or `make schema`) and commit it")


def seed(*, as_json: bool) -> None:
    """Fill an empty database and tell whether it was empty."""
    with located(read_settings()) as settings:
        check_migrated(settings)
        seeded = asyncio.run(_seed(settings))
    if as_json:
        emit_json({"seeded": seeded})
    else:
        say("The demo shop was made." if seeded else "There is data already; nothing was done.")


def doctor(*, as_json: bool) -> None:
    """Examine the books, print what is broken and exit; with 1 if anything is."""
    with located(read_settings()) as settings:
        check_migrated(settings)
        findings = asyncio.run(_examine(settings))
    broken = [finding for finding in findings if not finding.ok]
    if as_json:
        emit_json({"healthy": not broken, "findings": [asdict(finding) for finding in findings]})
    elif broken:
        table([_shown(finding) for finding in broken], empty="")
        say(f"{len(broken)} of {len(findings)} invariants are broken.")
    else:
        say(f"All is well: {len(findings)} invariants hold.")
    sys.exit(1 if broken else 0)


def _shown(finding: "Finding") -> dict[str, object]:
    examples = ", ".join(finding.examples)
    return {"WHAT SHOULD HOLD": finding.name, "BROKEN": finding.violations, "FOR EXAMPLE": examples}


async def _seed(settings: Settings) -> bool:
    from oms_api.workflows.seed_carriers import seed_carriers  # noqa: PLC0415 - no other command should wait for it
    from oms_api.workflows.seed_demo import seed as seed_demo  # noqa: PLC0415 - as above

    async with open_work(settings) as work, open_ports(work, settings) as ports:
        made = await seed_demo(work, OPERATOR)
        if made is not None:
            await seed_carriers(work, OPERATOR, ports)
        return made is not None


async def _examine(settings: Settings) -> "list[Finding]":
    from oms_api.workflows.doctor import check as examine  # noqa: PLC0415 - no other command should wait for it

    async with open_work(settings) as work, work.reads(OPERATOR) as read:
        return list(await examine(read))
