"""A home for what `oms` keeps, and what it starts."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.programs import Started, environment


@pytest.fixture
def home() -> Iterator[Path]:
    """Give a home in a folder that the database's user may pass through; pytest's own are closed to it."""
    top = Path(tempfile.mkdtemp(prefix="oms-test-"))
    top.chmod(0o711)
    yield top / ".oms"
    shutil.rmtree(top)


@pytest.fixture
def started(home: Path) -> Iterator[Started]:
    """Start commands that go on; what is left of them is ended after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **settings: str) -> "subprocess.Popen[str]":
        command = (sys.executable, "-m", "oms_api", *arguments)
        env = environment(home, **settings)
        output = (home.parent / f"output-{len(processes)}").open("w+")
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, text=True, cwd=home.parent)
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
