"""What commands read and how they speak: settings of the environment, reports on standard output."""

import sys
from collections.abc import Mapping, Sequence

import orjson
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from oms_api import logging
from oms_api.cli.failing import CommandError
from oms_api.settings import Settings


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


def say(text: str = "") -> None:
    """Print a line for a person."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line for a person beside what the command was asked for."""
    sys.stderr.write(f"{text}\n")


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
