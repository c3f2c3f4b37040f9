"""The ten hottest and the ten coldest players against the line (spec 50, 4.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, tonight, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import mean, records, rounded
from nba_backfill.publishing.tonight import Tonight, tonight_of
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Position, Rank, Share

PATH = "trends/whos-hot-v2.json"
DAYS = 30
MIN_GAMES = 5
MOST_PER_LIST = 10


class PlayerHeat(Part):
    """A player of one of the lists; ``position`` is None: no raw contract takes it."""

    player_lookup: Lookup
    player_full_name: str
    team_abbr: Club
    position: Position
    heat_score: float
    hit_rate: Share
    hit_rate_games: Count
    current_streak: Count
    streak_direction: Literal["over", "under"] | None
    avg_margin: Margin
    rank: Rank
    playing_tonight: bool
    tonight: Tonight | None


class LeagueAverage(Part):
    """Means over the qualifying players, each counting once; None without players."""

    hit_rate: Share | None
    avg_margin: Margin | None


class WhosHot(Document):
    """Players by how they did against the line in the days up to the as-of day and on it."""

    as_of_date: dt.date
    time_period: Literal["last_30_days"]
    min_games: Count
    total_qualifying_players: Count
    hot: list[PlayerHeat]
    cold: list[PlayerHeat]
    league_average: LeagueAverage


@dataclass(frozen=True, slots=True)
class Form:
    """A qualifying player's figures, unrounded but for the score."""

    row: dict[str, Any]
    hit_rate: float
    avg_margin: float
    heat: float

    @classmethod
    def of(cls, row: dict[str, Any]) -> Form:
        """The figures of a gathered row."""
        hit_rate = row["overs"] / row["games"]
        avg_margin = row["margin_sum"] / row["games"]
        return cls(row, hit_rate, avg_margin, heat_score(hit_rate, row["over_run"], avg_margin))


def heat_score(hit_rate: float, over_run: int, avg_margin: float) -> float:
    """0-10: half hit rate, a quarter the run of overs up to 10, a quarter margin from -10 to 10.

    A run of unders adds nothing (spec 50, 4.2, REQUIRED): it is no sign of heat.
    """
    run = min(over_run / 10, 1)
    margin = min(max((avg_margin + 10) / 20, 0), 1)
    return rounded(10 * (0.5 * hit_rate + 0.25 * run + 0.25 * margin), 1)


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day: lists that share no player, so each is at most half of them."""
    forms = [Form.of(row) for row in records(rows) if row["games"] >= MIN_GAMES]
    forms.sort(key=lambda form: (-form.row["games"], form.row["player_lookup"]))
    n = min(MOST_PER_LIST, len(forms) // 2)
    hot = sorted(forms, key=lambda form: -form.heat)[:n]
    # Of equal players at the border each is in one list: the cold are taken from who is left.
    left = [form for form in forms if form not in hot]
    cold = sorted(left, key=lambda form: form.heat)[:n]
    return {
        PATH: WhosHot(
            as_of_date=day,
            time_period=f"last_{DAYS}_days",
            min_games=MIN_GAMES,
            total_qualifying_players=len(forms),
            hot=_ranked(hot),
            cold=_ranked(cold),
            league_average=LeagueAverage(
                hit_rate=mean((form.hit_rate for form in forms), 3),
                avg_margin=mean((form.avg_margin for form in forms), 2),
            ),
        )
    }


def _ranked(forms: Sequence[Form]) -> list[PlayerHeat]:
    return [_player(form, rank) for rank, form in enumerate(forms, start=1)]


def _player(form: Form, rank: int) -> PlayerHeat:
    row = form.row
    over, under = row["over_run"], row["under_run"]
    game = tonight_of(row)
    return PlayerHeat(
        player_lookup=row["player_lookup"],
        player_full_name=row["player_full_name"] or row["player_lookup"],
        team_abbr=row["team_abbr"],
        position=None,
        heat_score=form.heat,
        hit_rate=rounded(form.hit_rate, 3),
        hit_rate_games=row["games"],
        current_streak=over or under,
        streak_direction="over" if over else "under" if under else None,
        avg_margin=rounded(form.avg_margin, 2),
        rank=rank,
        playing_tonight=game is not None,
        tonight=game,
    )


TABLE = exporter(
    name="whos_hot",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=3600,
    model=WhosHot,
    reads={
        "games": Window.same_day(),
        "player_game_summary": Window.days(DAYS, before=False),
    },
    steps=("../shared/as_of_days", "../shared/tonight"),
    shape=shape,
    code=(gathered, tonight, units),
    description="The ten hottest and the ten coldest players against the line in 30 days.",
    source=__file__,
)
