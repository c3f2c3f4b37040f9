"""nba-backfill report: what was computed, and how good it was; a module a report."""

from __future__ import annotations

import importlib

import click

REPORTS = {
    "coverage": ("report_coverage", "Every table on every day as a calendar heat map (HTML)."),
    "accuracy": ("report_accuracy", "How good the predictions were, with 95 % intervals."),
}
"""Report -> the module it is in, and what it says in a line: help loads no module."""


class Reports(click.Group):
    """The reports, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which one needs them."""
        return list(REPORTS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The report of that name, or None."""
        if name not in REPORTS:
            return None
        return importlib.import_module(f"nba_backfill.cli.{REPORTS[name][0]}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of reports, from the lines above."""
        with formatter.section("Reports"):
            formatter.write_dl([(name, line) for name, (_, line) in REPORTS.items()])


@click.group("report", cls=Reports)
def command() -> None:
    """What was computed, and how good it was."""
