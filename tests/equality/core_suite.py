"""graphql-core's own tests, carried out by its executor and by ours: the same ones pass.

`make graphql-core-tests` downloads the source distribution of the version that is installed, or takes the one that SDIST names,
with the two plugins of pytest that its tests need. Nothing of them is kept. Loaded as a plugin of pytest, this module builds
our schema, which changes what is told of types, and puts our executor in the place of graphql-core's own if it is asked to.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from importlib.metadata import version
from pathlib import Path
from typing import Any

import graphql.execution
import graphql.execution.execute
import pytest
from graphql.execution import Executor
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental.incremental_executor import IncrementalExecutor

from oms_api.graphql.schema import build_schema

HERE = Path(__file__).resolve()
CORE = f"graphql-core=={version('graphql-core')}"
PLUGINS = ["pytest-describe>=3.2,<4", "pytest-timeout>=2.4,<3"]
LEFT_OUT = ["tests/benchmarks", "tests/test_docs.py"]
"""What measures, and what reads pages that lie elsewhere."""


class OnTopOf(type):
    """Puts the classes of our executor before one of graphql-core's, without those of strawberry between them."""

    def mro(cls) -> list[type]:
        """Return the classes in which methods are looked for."""
        base = vars(cls).get("on_top_of")
        return super().mro() if base is None else [cls, *ours(), *base.__mro__]

    def __instancecheck__(cls, instance: object) -> bool:
        """Tell whether *instance* is one of the class that this one stands for."""
        return isinstance(instance, vars(cls)["on_top_of"]) if "on_top_of" in vars(cls) else super().__instancecheck__(instance)


def ours() -> list[type[Any]]:
    """Return the classes of our executor: of what the schema names, those that are our own."""
    return [each for each in build_schema().execution_context_class.__mro__ if each.__module__.startswith("oms_api")]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--by-ours", action="store_true", help="let whatever names no executor of its own be carried out by ours")


def pytest_configure(config: pytest.Config) -> None:
    build_schema()
    if not config.getoption("by_ours"):
        return
    for base in (IncrementalExecutor, ExecutorThrowingOnIncremental):
        setattr(graphql.execution.execute, base.__name__, OnTopOf(base.__name__, (base,), {"on_top_of": base}))
    whole: Any = OnTopOf("Executor", (Executor,), {"on_top_of": Executor})
    graphql.Executor = graphql.execution.Executor = whole  # type: ignore[misc]


def main() -> int:
    """Run the tests both ways and print how many pass; fail where any passes one way only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdist", type=Path, help="the source distribution; downloaded unless given")
    parser.add_argument("tests", nargs="*", default=["tests"], help="which of its tests, all unless told")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="graphql-core-") as folder:
        root = unpacked(Path(folder), given.sdist)
        plain = outcomes(root, given.tests)
        own = outcomes(root, given.tests, "--by-ours")
    print(f"{CORE}: {told(plain)} by its executor, {told(own)} by ours")  # noqa: T201
    differing = sorted(name for name in plain.keys() | own.keys() if plain.get(name) != own.get(name))
    for name in differing:
        print(f"  {name}: {plain.get(name)} by its executor, {own.get(name)} by ours")  # noqa: T201
    return 1 if differing or not plain else 0


def unpacked(folder: Path, sdist: Path | None) -> Path:
    """Return the folder of graphql-core's sources, with the plugins that its tests need in `plugins`."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    if sdist is None:
        subprocess.run([*pip, "download", "--no-deps", "--no-binary", "graphql-core", "--dest", folder, CORE], check=True)
        (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (root,) = (each for each in folder.iterdir() if each.is_dir())
    subprocess.run([*pip, "install", "--no-deps", "--target", root / "plugins", *PLUGINS], check=True)
    return root


def outcomes(root: Path, tests: list[str], *more: str) -> dict[str, str]:
    """Run the tests in *root* and return what came of each."""
    report = root / "report.xml"
    settings = ["addopts=", "asyncio_mode=strict", "timeout=100", "python_classes=PyTest*"]
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", f"--junitxml={report}", "-p", HERE.stem]
    command += [part for setting in settings for part in ("-o", setting)]
    command += [part for each in LEFT_OUT for part in ("--ignore", each)]
    path = os.pathsep.join([str(root / "plugins"), str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    report.unlink(missing_ok=True)
    subprocess.run([*command, *more, *tests], cwd=root, env=environment, check=False, stdout=sys.stderr)
    return {f"{case.get('classname')}.{case.get('name')}": outcome(case) for case in ET.parse(report).iter("testcase")}


def outcome(case: ET.Element) -> str:
    """Return what came of one test."""
    return next((part.tag for part in case if part.tag in {"failure", "error", "skipped"}), "passed")


def told(found: dict[str, str]) -> str:
    """Return how many of the tests passed."""
    return f"{sum(each == 'passed' for each in found.values())} of {len(found)} pass"


if __name__ == "__main__":
    sys.exit(main())
