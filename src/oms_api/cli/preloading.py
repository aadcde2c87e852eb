"""All that answers requests, imported before there is a server process: those forked from here start at once and share it."""

import gc
from collections.abc import Callable

import uvicorn.lifespan.on
import uvicorn.loops.uvloop
import uvicorn.protocols.http.httptools_impl
import uvicorn.protocols.websockets.websockets_sansio_impl  # noqa: F401 - uvicorn imports these by name when a server starts
from sqlalchemy.orm import configure_mappers
from starlette.applications import Starlette

from oms_api.app import from_environment
from oms_api.graphql.schema import build_schema


def preload() -> Callable[[], Starlette]:
    """Build the schema, leave all that is there now out of garbage collection for good; return what makes the application.

    Nothing is opened or started: no event loop, pool, connection or thread, for none of them outlives a fork.
    """
    configure_mappers()
    build_schema()
    gc.collect()
    gc.freeze()  # a collection would write to what forked processes share, and so copy it
    return from_environment
