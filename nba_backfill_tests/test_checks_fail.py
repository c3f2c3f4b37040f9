"""Every check of every table passes on good rows and fails on bad ones."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.judge import WINDOWS
from nba_backfill.materialization.questions import (
    COVERAGE,
    DUPLICATES,
    NULL_RATES,
    RANGES,
    reconciliation_statement,
)
from nba_backfill.predictions.forecasting.prediction_reconciliations import SIMILARITY_RUNS
from nba_backfill.warehouse.dialect import to_duckdb
from nba_backfill.warehouse.ledger import LEDGER
from nba_backfill_tests.conftest import copied

WEEK = [dt.date(2024, 11, 14) + dt.timedelta(days=n) for n in range(7)]
NUMBERS = ("INT64", "FLOAT64", "NUMERIC")


@pytest.fixture(scope="session")
def good(demo_warehouse, tmp_path_factory):
    warehouse = copied(demo_warehouse, tmp_path_factory.mktemp("checks") / "copy.duckdb")
    for table in [*CATALOGUE, *CATALOGUE.raw]:
        warehouse.ensure_table(table)
    yield warehouse
    warehouse.close()


def found_by(warehouse, table, check):
    """The findings of one check over the week."""
    [report] = [r for r in examine(table, CATALOGUE, warehouse, WEEK) if r.check == check]
    return {(f.day, f.what) for f in report.findings}


def of_week(table):
    return f"{table.date_column} BETWEEN '{WEEK[0]}' AND '{WEEK[-1]}'"


def numbers_of(table):
    return [
        c.name for c in table.columns if c.type.startswith(NUMBERS) and c.name not in table.grain
    ]


def corruptions(table):
    """Ways in which rows go wrong: figures, flags, names, losses and repeats."""
    week, relation = of_week(table), table.relation
    numbers = numbers_of(table)
    flags = [c.name for c in table.columns if c.type == "BOOL"]
    names = {c.name for c in table.columns}
    if numbers:
        yield f"UPDATE {relation} SET {', '.join(f'{n} = {n} + 1' for n in numbers)} WHERE {week}"
        yield f"UPDATE {relation} SET {', '.join(f'{n} = 1' for n in numbers)} WHERE {week}"
        yield f"UPDATE {relation} SET {', '.join(f'{n} = NULL' for n in numbers)} WHERE {week}"
    if flags:
        yield f"UPDATE {relation} SET {', '.join(f'{n} = NOT {n}' for n in flags)} WHERE {week}"
        yield f"UPDATE {relation} SET {', '.join(f'{n} = TRUE' for n in flags)} WHERE {week}"
    for own, other in (
        ("team_abbr", "opponent_team_abbr"),
        ("defending_team_abbr", "opponent_team_abbr"),
    ):
        if {own, other} <= names:
            yield f"UPDATE {relation} SET {own} = {other} WHERE {week}"
    if "home_team_abbr" in names:
        yield f"UPDATE {relation} SET home_team_abbr = 'BOS' WHERE {week}"
    if "game_id" in names:
        yield f"DELETE FROM {relation} WHERE {week} AND hash(game_id) % 2 = 0"
        yield f"UPDATE {relation} SET game_id = game_id || '_2' WHERE {week}"
    yield f"DELETE FROM {relation} WHERE {week} AND hash({', '.join(table.grain)}) % 8 <> 0"


PRINTED = {
    "club_codes_are_known": lambda t: "; ".join(
        f"UPDATE {raw.relation} SET {column.name} = 'QQQ'"
        for raw in CATALOGUE.inputs(t).values()
        for column in raw.columns
        if raw in CATALOGUE.raw and column.name.endswith(("team_abbr", "team", "tricode"))
    ),
    "lines_are_of_the_game": lambda t: (
        "UPDATE nba_raw.odds_api_game_lines SET commence_time = commence_time + INTERVAL 3 DAY"
    ),
    "offers_are_of_the_game": lambda t: (
        "UPDATE nba_raw.odds_api_player_points_props"
        " SET game_start_time = game_start_time + INTERVAL 3 DAY"
    ),
    "reports_are_of_the_game": lambda t: (
        "UPDATE nba_raw.nbac_injury_report SET game_id = '20240101_UTA_POR'"
    ),
    "names_are_players": lambda t: "UPDATE nba_staging.player_names SET resolved_by = NULL",
    "events_are_of_the_game": lambda t: (
        "DELETE FROM nba_raw.bigdataball_play_by_play WHERE event_sequence % 2 = 0;"
        f" DELETE FROM {t.relation}"
    ),
    "games_are_scheduled": lambda t: "UPDATE nba_staging.games SET game_id = game_id || '_2'",
}
"""Checks of what sources print, which no row of the table itself can break."""

STANDARD = {
    DUPLICATES: lambda t: f"INSERT INTO {t.relation} FROM {t.relation} WHERE {of_week(t)} LIMIT 3",
    NULL_RATES: lambda t: (
        f"UPDATE {t.relation} SET {next(c.name for c in t.columns if c.required and c.name != t.date_column)} = NULL"
        f" WHERE {of_week(t)}"
    ),
    RANGES: lambda t: next(
        (
            f"UPDATE {t.relation} SET {c.name} = {c.between[1]} + 1 WHERE {of_week(t)}"
            for c in t.columns
            if c.between
        ),
        next(
            (
                f"UPDATE {t.relation} SET {c.name} = 'strange' WHERE {of_week(t)}"
                for c in t.columns
                if c.one_of
            ),
            None,
        ),
    ),
    COVERAGE: lambda t: (
        None
        if not t.expects
        else f"DELETE FROM {t.relation} WHERE {of_week(t)}"
        if t.expects.at_least
        # A day may rightly have no rows here; one that was never computed may not.
        else f"DELETE FROM {LEDGER} WHERE table_name = '{t.relation}'"
    ),
    WINDOWS: lambda t: (
        f"UPDATE {t.relation} SET window_status = 'truncated' WHERE {of_week(t)}"
        if "window_status" in {c.name for c in t.columns}
        else None
    ),
}


@pytest.mark.parametrize(
    ("table", "check"),
    [(t, c) for t in CATALOGUE for c in STANDARD if STANDARD[c](t)],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_standard_check_fails_on_bad_rows(table, check, good):
    before = found_by(good, table, check)
    with good.rolled_back() as connection:
        connection.execute(STANDARD[check](table))
        assert found_by(good, table, check) - before


# Judged on rows that no week of November has; other tests see them fail.
NOT_IN_A_WEEK = {"similarity_has_rows", "league_pace_and_rating_as_published"}


@pytest.mark.parametrize(
    ("table", "check"),
    [(t, r.name) for t in CATALOGUE for r in t.reconciliations if r.name not in NOT_IN_A_WEEK],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_reconciliation_fails_on_some_rows_that_disagree(table, check, good):
    before = found_by(good, table, check)
    for corruption in [PRINTED[check](table)] if check in PRINTED else corruptions(table):
        with good.rolled_back() as connection:
            connection.execute(corruption)
            if found_by(good, table, check) - before:
                return
    pytest.fail(f"{table.name}.{check} found nothing wrong with any corrupted rows")


@pytest.mark.parametrize(
    ("day", "players", "systems", "found"),
    [
        ("2024-01-15", 100, ["catboost_v8"], True),
        ("2024-01-15", 100, ["catboost_v8", "similarity_balanced_v1"], False),
        ("2024-01-15", 99, ["catboost_v8"], False),
        ("2023-11-15", 100, ["catboost_v8"], False),
    ],
)
def test_a_full_night_without_similarity_rows_is_found_from_january_on(
    day, players, systems, found
):
    with duckdb.connect() as memory:
        memory.execute(
            "CREATE TABLE player_prop_predictions AS SELECT DATE '" + day + "' AS game_date,"
            " 'p' || n AS player_lookup, system_id, NULL::VARCHAR AS fallback_reason"
            " FROM range($players) AS r(n), unnest($systems) AS s(system_id)",
            {"players": players, "systems": systems},
        )
        rows = memory.execute(to_duckdb(SIMILARITY_RUNS.sql)).fetchall()
    assert bool(rows) is found


UNPINNED = {
    "features_see_nothing_of_the_day": "a leak is a fault of code, seen in shares of a day's rows",
    "week_is_the_sum_of_its_days": "a sum over days and games",
    "slices_add_up": "sums over slices of one system, of which any may be wrong",
    "reaggregates_from_the_grades": "an evaluation means something as a whole only",
    "populations_add_up": "an evaluation means something as a whole only",
}


@pytest.mark.parametrize(
    ("table", "reconciliation"),
    [(t, r) for t in CATALOGUE for r in t.reconciliations if r.blocking],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_blocking_reconciliation_names_what_it_blames(table, reconciliation, good):
    relations = {n: CATALOGUE.by_name[n].relation for n in reconciliation.reads}
    asked = reconciliation_statement(
        reconciliation, CATALOGUE.by_name, relations, WEEK[0], WEEK[-1]
    )
    named = set(good.frame(asked).columns)
    if set(table.unit_columns) <= named and table.unit_columns:
        return
    assert reconciliation.name in UNPINNED
