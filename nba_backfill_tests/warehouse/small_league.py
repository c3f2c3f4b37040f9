"""A league small enough for the reference implementation: some games of the demo league, dirty.

A month of one club, so that windows fill; the player it trades, at his new club; and one game of
every defect, so that each branch of the SQL that a defect reaches is executed by both engines.
The tables are computed without the judge: a day that the cut leaves incomplete must still be
compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nba_backfill.core.season import Season
from nba_backfill.core.table import RawTable, Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.computation import stage_days
from nba_backfill.publishing.live import feed, inputs, news
from nba_backfill.raw.contracts.box_scores import BOX_SCORES
from nba_backfill.raw.demo_league import write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.dialect import (
    END,
    START,
    AnyTable,
    Statement,
    duckdb_type,
)
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill_tests.warehouse.googlesql import GoogleSQL, Relation

SEASON = Season(2023)
FIRST_DAY, LAST_DAY = dt.date(2023, 11, 8), dt.date(2023, 12, 3)
"""A month with the first trades. In 2023-24 the vendors' team rows are turned as well."""

WINDOW = {START: FIRST_DAY, END: LAST_DAY}

FULL_EVENT_GAMES, PROP_GAMES = 3, 6
"""Events and offers are by far the most rows: few games have every kind of them."""

DAYS = tuple(FIRST_DAY + dt.timedelta(n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
COUNTED_TYPES = ("INT64", "FLOAT64", "NUMERIC")
CLUB_COLUMNS = ("home_team_abbr", "home_team_tricode", "team_abbr", "team", "player_team")
RAW = "nba_raw."


class RecordingWarehouse:
    """A warehouse that also keeps every statement it is asked."""

    def __init__(self, warehouse: DuckDBWarehouse) -> None:
        self._warehouse = warehouse
        self.statements: list[Statement] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._warehouse, name)

    def query(self, statement: Statement) -> list[tuple]:
        """Rows of a SELECT, which is kept."""
        self.statements.append(statement)
        return self._warehouse.query(statement)

    def answers(self, statements: Sequence[Statement]) -> list[list[dict[str, object]]]:
        """Rows of several SELECTs, which are kept."""
        self.statements += statements
        return self._warehouse.answers(statements)


@dataclass(frozen=True, slots=True)
class SmallLeague:
    """The computed warehouse, and every table's rows by relation name."""

    warehouse: DuckDBWarehouse
    stored: dict[str, Relation]
    season: Season = SEASON
    days: tuple[dt.date, ...] = DAYS

    def inputs(self, tables: Mapping[str, AnyTable]) -> dict[str, Relation]:
        """The stored rows of these tables, by relation name."""
        return {table.relation: self.stored[table.relation] for table in tables.values()}

    def recorded(self) -> RecordingWarehouse:
        """The warehouse, keeping what it is asked from now on."""
        return RecordingWarehouse(self.warehouse)

    def falsified(self, table: Table) -> str:
        """Store a copy of a table with wrong figures in two rows of three; return its name."""
        name = f"falsified.{table.name}"
        if name not in self.stored:
            columns = []
            for column in table.columns:
                value = f'"{column.name}"'
                if column.name not in table.grain and column.type.startswith(COUNTED_TYPES):
                    columns.append(f"CAST({value} + nth % 3 AS {duckdb_type(column.type)})")
                else:
                    columns.append(value)
                columns[-1] += f" AS {value}"
            grain = ", ".join(f'"{column}"' for column in table.grain)
            self.warehouse.connection.execute(
                f"CREATE SCHEMA IF NOT EXISTS falsified; CREATE TABLE {name} AS"
                f" SELECT {', '.join(columns)} FROM (SELECT *, row_number() OVER (ORDER BY {grain})"
                f" AS nth FROM {table.relation})"
            )
            found = self.warehouse.connection.execute(f"FROM {name}").fetchall()
            self.stored[name] = Relation(table.columns, found)
        return name


def _choose_games(warehouse: DuckDBWarehouse, defects: Path) -> None:
    """Fill ``kept_games``: two trading clubs' games and the first game of every kind wanted."""
    days = f"BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"
    warehouse.connection.execute(f"""
        CREATE TEMP TABLE window_games AS
        SELECT game_id AS nba_game_id, game_date, home_team_tricode AS home,
            away_team_tricode AS away,
            strftime(game_date, '%Y%m%d') || '_' || away || '_' || home AS game_id
        FROM {RAW}nbac_schedule WHERE game_date {days} AND game_status = 3;

        CREATE TEMP TABLE flawed AS
        SELECT nba_game_id, table_name, defect,
            row_number() OVER (PARTITION BY table_name, defect ORDER BY game_date, game_id) AS nth
        FROM read_csv('{defects}', types = {{'nba_game_id': 'VARCHAR'}})
        WHERE game_date {days};

        CREATE TEMP TABLE traded AS
        SELECT arg_min(team_abbr, game_date) AS old_club, arg_max(team_abbr, game_date) AS new_club,
            max(since) AS since
        FROM (
            SELECT player_name, team_abbr, game_date,
                min(game_date) OVER (PARTITION BY player_name, team_abbr) AS since
            FROM {RAW}nbac_gamebook_player_stats WHERE game_date {days})
        GROUP BY player_name HAVING count(DISTINCT team_abbr) = 2
        ORDER BY player_name LIMIT 1;

        CREATE TEMP TABLE kept_games AS
        SELECT g.*, t.old_club IN (home, away) AS of_the_club
        FROM window_games AS g CROSS JOIN traded AS t
        WHERE nba_game_id IN (SELECT nba_game_id FROM flawed WHERE nth = 1)
            OR nba_game_id IN (
                SELECT min(nba_game_id) FROM {RAW}nbac_team_boxscore
                WHERE game_date {days} AND minutes NOT LIKE '240%' GROUP BY minutes)
            OR t.old_club IN (home, away)
            OR (t.new_club IN (home, away) AND g.game_date >= t.since);

        CREATE TEMP TABLE kept_clubs AS
        SELECT DISTINCT game_date, unnest([home, away]) AS club FROM kept_games;

        CREATE TEMP TABLE games_with_offers AS
        SELECT game_date, unnest([home, away]) AS club FROM (
            SELECT game_date, home, away FROM kept_games
            LEFT JOIN flawed ON flawed.nba_game_id = kept_games.nba_game_id
                AND defect = 'name_variant'
            ORDER BY nth NULLS LAST, game_id LIMIT {PROP_GAMES});

        CREATE TEMP TABLE games_with_events AS
        SELECT game_id, of_the_club, row_number() OVER (ORDER BY nth NULLS LAST, game_id) AS nth
        FROM kept_games LEFT JOIN flawed ON flawed.nba_game_id = kept_games.nba_game_id
            AND nth = 1 AND table_name = 'bigdataball_play_by_play' AND defect = 'null_distances'
        WHERE game_id IN (SELECT game_id FROM {RAW}bigdataball_play_by_play);
    """)


def _cut(warehouse: DuckDBWarehouse, tables: list[RawTable]) -> None:
    """Leave only the chosen games' rows in the raw tables."""
    run = warehouse.connection.execute
    for table in tables:
        if table.date_column is None or table.name == "nbac_schedule":
            continue
        names = {column.name for column in table.columns}
        club = next((f'"{name}"' for name in CLUB_COLUMNS if name in names), None)
        if table.name == "espn_scoreboard":
            # It writes club codes of its own.
            run(
                f"DELETE FROM {table.relation}"
                " WHERE game_id NOT IN (SELECT game_id FROM kept_games)"
            )
        elif table.name == "espn_team_rosters":
            run(
                f"DELETE FROM {table.relation} AS r WHERE NOT EXISTS (SELECT 1 FROM kept_clubs AS k"
                f" WHERE k.club = r.{club} AND k.game_date - r.roster_date BETWEEN 0 AND 7)"
            )
        else:
            wanted = "games_with_offers" if table.name.endswith("_props") else "kept_clubs"
            run(
                f"DELETE FROM {table.relation} AS r WHERE NOT EXISTS (SELECT 1 FROM {wanted} AS k"
                f" WHERE k.game_date = r.game_date AND k.club = r.{club})"
            )
    # All dates of a game: a postponed one leaves its old row behind.
    run(f"DELETE FROM {RAW}nbac_schedule WHERE game_id NOT IN (SELECT nba_game_id FROM kept_games)")
    # All events of a few games, and the shots of the club, whose zones need games
    # enough, with the free throws that make them up to the score.
    run(
        f"DELETE FROM {RAW}bigdataball_play_by_play AS e WHERE NOT EXISTS (SELECT 1 FROM"
        " games_with_events AS g WHERE g.game_id = e.game_id AND"
        f" (g.nth <= {FULL_EVENT_GAMES} OR (g.of_the_club AND e.event_type IN ('shot', 'free throw'))))"
    )
    # One of them prints no distances at all.
    run(
        f"UPDATE {RAW}bigdataball_play_by_play SET shot_distance = NULL"
        " WHERE game_id = (SELECT game_id FROM games_with_events WHERE nth = 2)"
    )
    # Of one game neither the schedule nor the scoreboard knows the tip-off.
    run(
        f"DELETE FROM {RAW}espn_scoreboard WHERE game_id = (SELECT min(k.game_id) FROM kept_games"
        f" AS k JOIN {RAW}nbac_schedule AS s ON s.game_id = k.nba_game_id"
        " WHERE s.game_date_est IS NULL)"
    )
    # One player has lines of the second vendor only, and the first has those of a stranger.
    run(
        f"UPDATE {RAW}odds_api_player_points_props SET player_name = 'Nobody Anybodyelse'"
        f" WHERE player_name = (SELECT min(o.player_name) FROM {RAW}odds_api_player_points_props"
        f" AS o JOIN {RAW}bettingpros_player_points_props USING (game_date, player_name))"
    )
    # The schedule has lost a day altogether: its games are known to the scoreboard only.
    run(
        f"DELETE FROM {RAW}nbac_schedule WHERE game_date = (SELECT min(k.game_date) FROM"
        f" kept_games AS k JOIN {RAW}espn_scoreboard AS e ON e.game_id = k.game_id"
        f" WHERE k.game_date > DATE '{LAST_DAY - dt.timedelta(8)}')"
    )
    # Of one game the box scores came and the result did not.
    run(
        f"UPDATE {RAW}nbac_schedule SET home_team_score = 0, away_team_score = 0 WHERE game_id ="
        f" (SELECT min(k.nba_game_id) FROM kept_games AS k JOIN {RAW}nbac_gamebook_player_stats"
        " AS g ON g.game_date = k.game_date AND g.team_abbr = k.home"
        f" WHERE NOT k.of_the_club AND k.game_date < DATE '{LAST_DAY - dt.timedelta(3)}'"
        " AND (k.game_date, k.home) NOT IN (SELECT (game_date, club) FROM games_with_offers)"
        " AND g.points > 20)"
    )
    run(
        f"DELETE FROM {RAW}espn_scoreboard WHERE game_date = (SELECT max(game_date)"
        f" FROM {RAW}nbac_schedule WHERE home_team_score = 0)"
    )
    # The last day's games are still to come.
    last = f"WHERE game_date = (SELECT max(game_date) FROM {RAW}nbac_schedule)"
    for table in BOX_SCORES:
        run(f"DELETE FROM {table.relation} {last}")
    run(f"DELETE FROM {RAW}espn_scoreboard {last}")
    run(
        f"UPDATE {RAW}nbac_schedule SET game_status = 1, home_team_score = NULL,"
        f" away_team_score = NULL {last}"
    )


def _stored(warehouse: DuckDBWarehouse, table: AnyTable) -> Relation:
    warehouse.ensure_table(table)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    found = warehouse.connection.execute(f"SELECT {names} FROM {table.relation}").fetchall()
    return Relation(table.columns, found)


def _answer(warehouse: DuckDBWarehouse, forecasts: str) -> None:
    """Make up what models would say: so few games fit none, and the SQL after them needs both."""
    warehouse.connection.execute(
        f"UPDATE {forecasts} SET model_type = 'trained', fallback_reason = NULL,"
        " model_version = model_id || ':made up',"
        " predicted_points = (hash(player_lookup || model_id || game_id) % 3500) / 100.0,"
        " predicted_points_p10 = CASE WHEN model_id != 'xgboost_v1' THEN 0.0 END,"
        " predicted_points_p90 = CASE WHEN model_id != 'xgboost_v1' THEN 40.25 END,"
        " predicted_points_mean = CASE WHEN model_id = 'challenger' THEN 14.05 END"
        " WHERE hash(player_lookup || model_id || game_id) % 5 > 0"
    )


def _say_nothing_live(warehouse: DuckDBWarehouse) -> None:
    """Live inputs without a game or an article: what matters here are statements."""
    moment = dt.datetime.combine(LAST_DAY, dt.time(), dt.UTC)
    feed.keep(warehouse.files, feed.BoxScores(fetched_at=moment, games=()))
    nothing = news.NewsFeed(articles=()).model_dump_json().encode()
    warehouse.files.write(f"{inputs.FOLDER}/{news.NAME}", nothing)


def build_small_league(folder: Path, catalogue: Catalogue) -> SmallLeague:
    """Write the demo league, load and cut it, and compute every table upstream first."""
    write_demo_league(folder / "raw", [SEASON], seed=7, defects=True, through=LAST_DAY)
    warehouse = DuckDBWarehouse(folder / "small.duckdb")
    load_raw(warehouse, folder / "raw", catalogue.raw)
    _choose_games(warehouse, folder / "raw" / "defects.csv")
    _cut(warehouse, catalogue.raw)
    stored = {table.relation: _stored(warehouse, table) for table in catalogue.raw}
    _say_nothing_live(warehouse)
    for table in catalogue:
        warehouse.ensure_table(table)
        staged = stage_days(table, catalogue, warehouse, DAYS)
        if table.name == "point_forecasts":
            _answer(warehouse, staged)
        warehouse.replace_days(table, staged, DAYS, [])
        warehouse.drop_staged(staged)
        stored[table.relation] = _stored(warehouse, table)
    return SmallLeague(warehouse, stored)


def backwards(relations: Mapping[str, Relation]) -> dict[str, Relation]:
    """The same tables with their rows in reverse order."""
    return {name: relation.backwards for name, relation in relations.items()}


def ask_both(
    google: GoogleSQL,
    warehouse: DuckDBWarehouse,
    statement: Statement,
    relations: Mapping[str, Relation],
) -> tuple[list[str], list[tuple], list[tuple]]:
    """Column names, DuckDB's rows and GoogleSQL's rows of one statement."""
    answer = google.execute(statement.sql, backwards(relations), statement.parameters)
    return [name for name, _ in answer.columns], warehouse.query(statement), answer.rows
