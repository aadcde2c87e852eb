"""A worker with no reactions but those named on its command line, to measure what they cost."""

import asyncio
import os
import signal
import sys

import uvloop

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.jobs.worker import run
from oms_api.settings import Settings
from oms_api.wiring import open_ports
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers


async def main(names: list[str]) -> None:
    """Work until the process is told to end."""
    url, stop = os.environ["OMS_DATABASE_URL"], asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    pool = Pool(url)
    print("the worker works", flush=True)
    work = UnitOfWork(pool)
    async with open_ports(work, Settings()) as ports:
        await run(url, work, ports, stop, subscribers=Subscribers([SUBSCRIBERS.reactions[name] for name in names]))
    await pool.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1:]))
