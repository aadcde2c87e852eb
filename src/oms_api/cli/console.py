"""How commands speak: reports on standard output, one line for what went wrong on standard error."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import orjson
import psycopg
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from oms_api import logging
from oms_api.db.embedded import EmbeddedPostgresError
from oms_api.kernel.errors import OmsError
from oms_api.settings import Settings
from oms_api.wiring import NotConfiguredError

T = TypeVar("T")
INTERRUPTED = 130
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class CommandError(Exception):
    """A command cannot do what it was asked for; str() is one line that says why and what to do."""


def one_line(text: object) -> str:
    """Return *text* on one line."""
    return " ".join(str(text).split())


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn foreseen errors into one line on standard error and exit code 1."""
    try:
        yield
    except (CommandError, NotConfiguredError, EmbeddedPostgresError) as error:
        _end(one_line(error))
    except OmsError as error:
        _end("; ".join(one_line(cause) for cause in error.causes))
    except (psycopg.Error, DBAPIError) as error:
        _end(f"the database refused: {one_line(error.orig if isinstance(error, DBAPIError) else error)}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _end(message: str) -> None:
    sys.stderr.write(f"oms: {message}\n")
    sys.exit(1)


def read_settings(**given: object) -> Settings:
    """Return the settings of the environment with what the command line gives. Raises: CommandError."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = (f"OMS_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise CommandError("; ".join(problems)) from error
    try:
        logging.configure(log_format=settings.log_format, level=settings.log_level)
    except KeyError:
        raise CommandError("OMS_LOG_LEVEL: use DEBUG, INFO, WARNING or ERROR") from None
    return settings


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end."""
    return asyncio.run(work)


def say(text: str = "") -> None:
    """Print a line for a person."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def emit_json(value: object) -> None:
    """Print *value* for programs."""
    sys.stdout.buffer.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def table(rows: Sequence[Mapping[str, object]], *, empty: str) -> None:
    """Print *rows* as a table, or the sentence *empty*."""
    if not rows:
        say(empty)
        return
    drawn = Table(*rows[0].keys(), box=None, header_style="bold", pad_edge=False)
    for row in rows:
        drawn.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(soft_wrap=True).print(drawn)
