"""How a command fails: with one line on standard error, for whatever can be foreseen."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot do what it was asked for; str() is one line that says why and what to do."""


def one_line(text: object) -> str:
    """Return *text* on one line."""
    return " ".join(str(text).split())


@contextmanager
def reported_in_one_line() -> Iterator[None]:
    """Turn foreseen errors into one line on standard error and exit code 1."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if (message := _foreseen(error)) is None:
            raise
        sys.stderr.write(f"oms: {message}\n")
        sys.exit(1)


def _foreseen(error: Exception) -> str | None:
    """Return what to say of *error*; of one that nobody foresaw, None. Only what fails waits for these imports."""
    if isinstance(error, CommandError):
        return one_line(error)
    import psycopg
    from sqlalchemy.exc import DBAPIError

    from oms_api.db.embedded import EmbeddedPostgresError
    from oms_api.kernel.errors import OmsError
    from oms_api.wiring import NotConfiguredError

    match error:
        case NotConfiguredError() | EmbeddedPostgresError():
            return one_line(error)
        case OmsError():
            return "; ".join(one_line(cause) for cause in error.causes)
        case DBAPIError():
            return f"the database refused: {one_line(error.orig)}"
        case psycopg.Error():
            return f"the database refused: {one_line(error)}"
        case _:
            return None
