"""A server process whose requests have a deadline of so many seconds, until SIGUSR1 gives them time again."""

import signal
import sys

import uvicorn

from oms_api import app
from oms_api.cli.serving import bind, server_config
from oms_api.http.graphql import DEADLINE_S, GraphQLEndpoint
from oms_api.settings import Settings


def main(deadline_s: float) -> None:
    """Serve until the process is told to end."""
    served = app.from_environment()
    endpoints = [found for route in served.routes if isinstance(found := getattr(route, "endpoint", None), GraphQLEndpoint)]

    def set_deadline(seconds: float) -> None:
        for endpoint in endpoints:
            endpoint.deadline_s = seconds

    set_deadline(deadline_s)
    signal.signal(signal.SIGUSR1, lambda *_: set_deadline(DEADLINE_S))
    listening = bind("127.0.0.1", 0)
    print(f"serves http://127.0.0.1:{listening.getsockname()[1]}/graphql", flush=True)
    uvicorn.Server(server_config(served, Settings())).run(sockets=[listening])


if __name__ == "__main__":
    main(float(sys.argv[1]))
