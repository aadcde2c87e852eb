"""Structured logs, one event a line, with secrets and personal data struck out."""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog

REDACTED = "[redacted]"
SENSITIVE = ("authorization", "password", "secret", "token", "api_key", "email", "phone")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strike out every value whose name says that it is secret or personal."""
    for name in event:
        if sensitive(name):
            event[name] = REDACTED
    return event


@lru_cache(1_000)
def sensitive(name: str) -> bool:
    """Tell whether a *name* says that its value is secret or personal."""
    return any(word in name.lower() for word in SENSITIVE)


def configure(*, log_format: str, level: str) -> None:
    """Send structlog's and the standard library's records to standard error in one shape."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=threshold, force=True)
    for noisy in ("httpx", "uvicorn.access", "procrastinate", "alembic"):
        logging.getLogger(noisy).setLevel(max(threshold, logging.WARNING))
    logging.getLogger("strawberry.execution").disabled = True  # graphql.errors logs what matters, without the document
