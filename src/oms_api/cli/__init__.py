"""The command `oms`."""

import sys

import typer

from oms_api.cli import dev, feed, keys, operate, replay, report
from oms_api.cli.console import told_in_one_line

app = typer.Typer(
    name="oms",
    help="A headless order management system: one GraphQL API on PostgreSQL.",
    epilog="Settings are environment variables that begin with OMS_; `oms serve --help` names them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(dev.dev)
app.command()(operate.serve)
app.command()(operate.worker)
app.command()(operate.migrate)
app.command()(report.schema)
app.command()(report.seed)
app.command()(report.doctor)
app.add_typer(keys.app, name="keys")
app.add_typer(feed.app, name="feed")
app.add_typer(replay.app, name="replay")


def main() -> None:
    """Run a command; what can be foreseen to go wrong ends in one line and exit code 1."""
    with told_in_one_line():
        app(prog_name="oms")
    sys.exit(0)
