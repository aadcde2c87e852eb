"""The command `oms`."""

import gc
import sys

from oms_api.cli.commands import app
from oms_api.cli.failing import reported_in_one_line

GC_THRESHOLDS = (50_000, 20, 50)


def main() -> None:
    """Run a command; what can be foreseen to go wrong ends in one line and exit code 1."""
    gc.set_threshold(*GC_THRESHOLDS)  # what is imported stays: looking for garbage in it takes a fifth of the start
    with reported_in_one_line():
        app(prog_name="oms")
    sys.exit(0)
