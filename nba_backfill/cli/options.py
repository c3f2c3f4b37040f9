"""How days, seasons and choices are written on the command line."""

from __future__ import annotations

import datetime as dt

import click

from nba_backfill.backfill.mending import RANGE
from nba_backfill.core.season import Season

NEWEST = "newest"


class Days(click.ParamType):
    """``2024-01-15`` or ``2024-01-15...2024-01-21``."""

    name = "dates"

    def convert(self, value, param, ctx) -> tuple[dt.date, dt.date]:
        """Read one day or a range; a click error says what was wrong."""
        first, separator, last = str(value).partition(RANGE)
        try:
            ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last if separator else first)
        except ValueError:
            self.fail(f"{value!r}: write 2024-01-15 or 2024-01-15...2024-01-21", param, ctx)
        if ends[0] > ends[1]:
            self.fail(f"{value!r} ends before it begins", param, ctx)
        return ends


class SeasonName(click.ParamType):
    """``2023-24``, or ``newest``."""

    name = "season"

    def convert(self, value, param, ctx) -> str:
        """Let through what is a season's name; a click error says what one looks like."""
        if value != NEWEST:
            try:
                Season.parse(value)
            except ValueError as error:
                self.fail(f"{error}, or {NEWEST}", param, ctx)
        return value


dates_option = click.option(
    "--dates", type=Days(), help="One day or a range, 2024-01-15...2024-01-21."
)
season_option = click.option(
    "--season", type=SeasonName(), help="A season like 2023-24, or newest."
)
downstream_option = click.option(
    "--downstream", is_flag=True, help="Also the computed days of other tables that read these."
)
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="As JSON on standard output, all else on standard error.",
)
missing_only_option = click.option(
    "--missing-only", is_flag=True, help="Leave out days whose rows stand as they are."
)
code_changed_option = click.option(
    "--code-changed",
    is_flag=True,
    help="Only what is due, and what other code computed: of these and of all they read.",
)
