"""What several processes log into one file stays apart: each event is one write."""

import subprocess
import sys

import pytest

SCRIPT = """
import io, logging, sys

class Heard(io.RawIOBase):
    writes = []
    def writable(self): return True
    def write(self, data):
        self.writes.append(bytes(data))
        return len(data)

sys.stderr = io.TextIOWrapper(io.BufferedWriter(Heard()), line_buffering=True)  # as Python makes it
import structlog
from oms_api import logging as ours

ours.configure(log_format=sys.argv[1], level="INFO")
structlog.get_logger().info("first")
structlog.get_logger().info("second", text="x" * 100_000)
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("third")
    logging.getLogger("another").exception("fourth")
for write in Heard.writes:
    print([word for word in ("first", "second", "third", "fourth") if word.encode() in write], write[-1:])
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_each_event_is_one_write(log_format: str) -> None:
    command = (sys.executable, "-c", SCRIPT, log_format)
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert told.splitlines() == [f"['{word}'] b'\\n'" for word in ("first", "second", "third", "fourth")]
