"""nba-backfill: what Dagster's own commands lack, over the same definitions; a module a command."""

from __future__ import annotations

import importlib
import sys

import click

from nba_backfill.cli.exits import EXITS, USAGE, Explained

COMMANDS = {
    "plan": ("plan", "What would run, and why, per table and day; nothing is run."),
    "diff": ("diff", "What changed code would change, row by row; nothing is written."),
    "run": ("run", "Compute tables and what they need, then show the coverage."),
    "rerun": ("rerun", "Restate a range from one table on, and all that read it."),
    "rollback": ("rollback", "Put back what every table had before a run."),
    "status": ("status", "Coverage against the schedule, gaps and refusals by their first cause."),
    "alerts": ("alerts", "Everything that is wrong now, with the command that mends it."),
    "preflight": ("preflight", "Whether it can be computed: schedule, raw tables, a trial day."),
    "doctor": ("doctor", "What is wrong with this installation, and the cure."),
    "accept": ("accept", "Let through what a check refused, exactly as it is, with a reason."),
    "verify": ("verify", "Prove on your own data that the rows are right."),
    "report": ("report", "Figures about what was computed."),
    "training-set": (
        "training_set",
        "May the feature store be trained on; take it out as Parquet.",
    ),
    "sync": ("sync", "Make Dagster's record agree with the ledger."),
    "use-raw": ("use_raw", "Let the warehouse take its raw tables from another folder."),
    "live-scores": ("live_scores", "Fetch the scores of this moment for the live documents."),
    "new-table": ("new_table", "Write the files of a new table; for a checkout."),
    "regenerate": ("regenerate", "Write anew what is made from the declarations; for a checkout."),
    "demo-league": ("demo_league", "Write simulated seasons as raw Parquet tables."),
}
"""Command -> the module it is in, and what it does in a line: help loads no module."""


class Commands(click.Group):
    """The commands, each loaded when it is called: Dagster alone takes seconds to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which one needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, or None."""
        if name not in COMMANDS:
            return None
        module, _ = COMMANDS[name]
        return importlib.import_module(f"nba_backfill.cli.{module}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the lines above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), ending.meaning) for code, ending in EXITS.items()])

    def main(self, *args, standalone_mode: bool = True, **extra):
        """Run a command; what goes wrong is explained, and every kind has its exit code."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        with Explained():
            try:
                code = super().main(*args, standalone_mode=False, **extra)
            except click.UsageError as error:
                error.show()
                code = USAGE
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="nba-backfill", prog_name="nba-backfill")
def main() -> None:
    """Backfill, check and inspect the derived tables of the NBA props pipeline.

    \b
    nba-backfill run --season newest          compute and check the newest season
    nba-backfill run player_game_summary --dates 2024-01-15...2024-01-21
    nba-backfill plan ml_feature_store_v2 --dates 2024-01-15      what that would take, and why
    nba-backfill status --season 2023-24      what is there, what is missing, what is wrong
    nba-backfill verify --dates 2024-01-15...2024-01-21           proofs on your own data
    nba-backfill report accuracy --season 2024-25                 how good the predictions were

    Where the data is, is said by environment variables: NBA_RAW_DIR (raw Parquet files; unset:
    the demo league), NBA_DUCKDB_PATH (the warehouse file). plan, status, verify and report change
    nothing and work while a run writes.
    """
