"""The demo league: invented seasons of a league of thirty clubs, as raw vendor tables.

Games are played possession by possession, so box scores, team rows, events, results, props,
lines and injury reports agree with each other as real ones do. It is what a newcomer sees
first, and what tests and benchmarks use for size. The same arguments give the same tables.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from nba_backfill.core.season import Season
from nba_backfill.raw.demo_league.calendar import SEASON_DAYS, season_days
from nba_backfill.raw.demo_league.columns import CONTRACTS
from nba_backfill.raw.demo_league.defects import Defect, spoil
from nba_backfill.raw.demo_league.markets import bettingpros_props, game_lines, odds_api_props
from nba_backfill.raw.demo_league.play_by_play import play_by_play
from nba_backfill.raw.demo_league.reports import exhibitions, injury_report, undated
from nba_backfill.raw.demo_league.season import play_season
from nba_backfill.raw.demo_league.tables import (
    Ledger,
    bdl_box,
    gamebook,
    rosters,
    schedule,
    scoreboard,
    team_box,
)

DEMO_SEASONS: tuple[Season, ...] = tuple(SEASON_DAYS)
"""2021-22 to 2025-26, the last through 3 January 2026: the 918 game dates of the backfill."""

MARKER = "demo_league.json"
"""File at the top of a generated folder: arguments and true totals; its absence means that the
folder is somebody's data, which is never overwritten."""


class NotADemoLeagueError(ValueError):
    """The target folder holds files that the demo league did not write."""


@dataclass(frozen=True, slots=True)
class SeasonTruth:
    """What truly happened in a season, before defects; counts over games that count.

    ``points`` is the sum of final scores; the figures after it are sums over players.
    ``player_rows`` counts players who played, ``dnp_rows`` those who dressed and did not.
    """

    season: str
    games: int
    game_dates: int
    overtime_games: int
    player_rows: int
    dnp_rows: int
    players: int
    events: int
    points: int
    field_goals_attempted: int
    three_pointers_attempted: int
    free_throws_attempted: int
    rebounds: int
    assists: int
    turnovers: int


@dataclass(frozen=True, slots=True)
class DemoLeague:
    """What was written: where, the truth per season, rows per table, how many defects."""

    folder: Path
    seed: int
    seasons: tuple[SeasonTruth, ...]
    rows: dict[str, int]
    defects: int

    def truth(self, season: Season) -> SeasonTruth:
        """True totals of one season; KeyError if it was not generated."""
        for one in self.seasons:
            if one.season == str(season):
                return one
        raise KeyError(str(season))


def _truth(ledger: Ledger) -> SeasonTruth:
    """Count what the engine played."""
    games = ledger.played.games
    box = {name: int(counts.sum()) for name, counts in ledger.box.items()}
    on_court = games.seconds > 0
    return SeasonTruth(
        season=str(ledger.played.season),
        games=len(games.fixtures),
        game_dates=len({game.day for game in games.fixtures}),
        overtime_games=int((games.periods > 4).sum()),
        player_rows=int(on_court.sum()),
        dnp_rows=int(((games.players >= 0) & ~on_court).sum()),
        players=len(set(games.players[on_court].tolist())),
        events=len(games.events.kind),
        points=int(games.score.sum()),
        field_goals_attempted=box["field_goals_attempted"],
        three_pointers_attempted=box["three_pointers_attempted"],
        free_throws_attempted=box["free_throws_attempted"],
        rebounds=box["offensive_rebounds"] + box["defensive_rebounds"],
        assists=box["assists"],
        turnovers=box["turnovers"],
    )


def season_tables(ledger: Ledger) -> dict[str, pa.Table]:
    """The dated raw tables of one season, without defects."""
    last = ledger.played.games.fixtures[-1].day
    return {
        "nbac_schedule": schedule(ledger, exhibitions(ledger, last)),
        "espn_scoreboard": scoreboard(ledger),
        "nbac_gamebook_player_stats": gamebook(ledger),
        "bdl_player_boxscores": bdl_box(ledger),
        "nbac_team_boxscore": team_box(ledger),
        "bigdataball_play_by_play": play_by_play(ledger),
        "odds_api_player_points_props": odds_api_props(ledger),
        "bettingpros_player_points_props": bettingpros_props(ledger),
        "odds_api_game_lines": game_lines(ledger),
        "nbac_injury_report": injury_report(ledger),
        "espn_team_rosters": rosters(ledger),
    }


def _write(folder: Path, name: str, table: pa.Table, part: str) -> None:
    home = folder / CONTRACTS[name].dataset / name
    home.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, home / f"{part}.parquet", compression="zstd")


def _write_defects(folder: Path, found: Sequence[Defect]) -> None:
    with (folder / "defects.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in fields(Defect)])
        writer.writerows(sorted(astuple(one) for one in found))


def _check_target(folder: Path) -> None:
    if folder.exists() and not (folder / MARKER).exists() and any(folder.iterdir()):
        raise NotADemoLeagueError(
            f"{folder} holds files that the demo league did not write; it was left as it is. "
            "Choose an empty or new folder."
        )


def _replace(folder: Path, finished: Path) -> None:
    """Put the finished folder in its place; a previous demo league leaves only then."""
    old = finished.with_name(f"{finished.name}.old")
    if folder.exists():
        folder.rename(old)
    finished.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def write_demo_league(
    folder: Path,
    seasons: Sequence[Season] = DEMO_SEASONS,
    *,
    seed: int = 7,
    defects: bool = False,
    through: dt.date | None = None,
    progress: Callable[[str], None] | None = None,
) -> DemoLeague:
    """Write the raw tables of some seasons to ``<folder>/<dataset>/<table>/<season>.parquet``.

    ``through``: last game day, to cut the seasons short; what is written is then the beginning
    of the whole season. ``defects``: do to the tables what the real vendors do, and list it in
    ``defects.csv``. The folder appears under its name only when complete; a previous demo
    league there is replaced.

    Raises NotADemoLeagueError if the folder holds anything else, ValueError for no season, a
    season without known game days or one that starts after ``through``; nothing is written.
    """
    say = progress or (lambda _: None)
    wanted = sorted(set(seasons))
    if not wanted:
        raise ValueError("the demo league needs at least one season")
    for season in wanted:
        if through and season_days(season).first > through:
            raise ValueError(f"season {season} starts after {through}")
    folder = folder.absolute()
    _check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}-unfinished-", dir=folder.parent
    ) as scratch:
        finished = Path(scratch) / "league"
        finished.mkdir()
        ledgers, truths, found = [], [], []
        rows: dict[str, int] = {}
        for season in wanted:
            ledger = Ledger(play_season(season, seed, through), seed)
            tables = season_tables(ledger)
            if defects:
                tables, done = spoil(ledger, tables)
                found.extend(done)
            for name, table in tables.items():
                _write(finished, name, table, str(season))
                rows[name] = rows.get(name, 0) + table.num_rows
            ledgers.append(ledger)
            truths.append(_truth(ledger))
            say(f"season {season}: {truths[-1].games:,} games, {truths[-1].events:,} events")
        for name, table in undated(ledgers).items():
            _write(finished, name, table, "all")
            rows[name] = table.num_rows
        if defects:
            _write_defects(finished, found)
        league = DemoLeague(folder, seed, tuple(truths), rows, len(found))
        _write_marker(finished, league, through)
        _replace(folder, finished)
    return league


def _write_marker(folder: Path, league: DemoLeague, through: dt.date | None) -> None:
    content = {
        "seed": league.seed,
        "through": through and through.isoformat(),
        "defects": league.defects,
        "seasons": [asdict(one) for one in league.seasons],
        "rows": league.rows,
    }
    text = json.dumps(content, indent=2, sort_keys=True)
    (folder / MARKER).write_text(text + "\n", encoding="utf-8")
