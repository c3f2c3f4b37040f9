"""The SQL is true GoogleSQL, and DuckDB computes from it what BigQuery would.

Every statement that the platform sends is analysed by GoogleSQL's reference implementation
against the declared schemas, and executed by it and by DuckDB on one small, dirty league. The
reference sees all rows in reverse order, so that a result that hangs on row order differs.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from nba_backfill.core.table import Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.catalogue import CALENDAR_TABLE
from nba_backfill.materialization.judge import Judge
from nba_backfill.materialization.questions import reconciliation_statement
from nba_backfill.predictions.forecasting import training_set
from nba_backfill.predictions.grading import market, prediction_accuracy
from nba_backfill.warehouse.dialect import Statement, select_statement
from nba_backfill_tests.warehouse.googlesql import Answer, columns_of, differences, type_name
from nba_backfill_tests.warehouse.operations import unportable
from nba_backfill_tests.warehouse.small_league import FIRST_DAY, LAST_DAY, ask_both, backwards

TABLES = [pytest.param(table, id=table.name) for table in CATALOGUE]
SQL_TABLES = [pytest.param(table, id=table.name) for table in CATALOGUE if table.compute is None]
LONG_IN_THE_REFERENCE = {
    "player_boxes",
    "team_boxes",
    "shot_zones",
    "upcoming_player_game_context",
    "player_prop_predictions",
    "prediction_accuracy",
    "model_evaluation",
    "prediction_performance_summary",
    "adjusted_predictions",
    "player_names",
    "ml_feature_store_v2",
    "adjustment_performance",
    "player_prediction_bias",
    "challenger_features",
}
"""Tables whose statement the reference, built for being right, takes 5 to 40 seconds over."""

EXECUTED = [
    pytest.param(
        table, id=table.name, marks=[pytest.mark.slow] * (table.name in LONG_IN_THE_REFERENCE)
    )
    for table in CATALOGUE
    if table.compute is None
]
PYTHON_TABLES = [
    pytest.param(table, id=table.name, marks=[pytest.mark.slow] * bool(table.publication))
    for table in CATALOGUE
    if table.compute
]
RECONCILIATIONS = [
    pytest.param(table, found, id=f"{table.name}-{found.name}")
    for table in CATALOGUE
    for found in table.reconciliations
]
HARMLESS_CASTS = {
    ("INT64", "FLOAT64"),
    ("INT64", "NUMERIC"),
    ("NUMERIC", "FLOAT64"),
    ("FLOAT64", "NUMERIC"),
}
"""(type the SELECT yields, declared type): the last one rounds to the declared decimals."""

ALWAYS_NULL = {
    "team_offense_game_summary": {"second_chance_points_scored"},
    "team_defense_game_summary": {"second_chance_points_allowed", "fast_break_points_allowed"},
    "upcoming_player_game_context": {
        "projected_usage_rate",
        "fourth_quarter_minutes_last_7",
        "clutch_minutes_last_7_games",
        "fourth_quarter_production_last_7",
        "shooting_pct_decline_last_5",
    },
    "player_shot_zone_analysis": {"player_position", "paint_rate_last_20", "paint_pct_last_20"},
    "team_defense_zone_analysis": {"calculation_notes"},
    "player_daily_cache": {"fourth_quarter_minutes_last_7"},
    "player_composite_factors": {"projected_usage_rate", "warning_details"},
    "points_models": {
        "model_version",
        "artefact",
        "validation_rows",
        "validated_before",
        "validation_mae",
        "season_average_mae",
        "trees",
    },
    "player_prop_predictions": {
        "pace_adjustment",
        "similar_games_count",
        "similarity_baseline",
        "avg_similarity_score",
        "min_similarity_score",
        "fatigue_adjustment",
        "shot_zone_adjustment",
        "usage_spike_adjustment",
        "home_away_adjustment",
    },
    "prediction_accuracy": {"pace_adjustment", "similarity_sample_size"},
}
"""Columns without a value: the specification keeps them for suppliers that do not exist yet
(spec 20 and 30), notes and warnings that nothing gives cause for, and what a month has too few
games for: the last 20, five similar ones, a model."""

KNOWN_UNPORTABLE = {
    # Sixtieths of a minute never end in a half of a hundredth, and the numeric texts of both
    # vendors have at most two decimals.
    "player_boxes": {"a float rounded to decimals without + 1e-9"},
}
"""Operations of a table that the rules of :mod:`operations` name, and that are right there."""


@pytest.fixture(scope="module")
def resolved(google):
    """The resolved tree of a table's own SELECT, over inputs named as it names them."""

    @cache
    def resolve(name: str):
        table = CATALOGUE.table(name)
        inputs = CATALOGUE.inputs(table)
        parameters = select_statement(table, inputs, FIRST_DAY, LAST_DAY).parameters
        schemas = {name: found.columns for name, found in inputs.items()}
        return google.resolve(table.sql, schemas, parameters)

    return lambda table: resolve(table.name)


@pytest.fixture(scope="module")
def answered(google, small_league):
    """GoogleSQL's answer to the whole statement of a table, inputs scoped as in production."""

    @cache
    def answer(name: str) -> Answer:
        table = CATALOGUE.table(name)
        inputs = CATALOGUE.inputs(table)
        statement = select_statement(table, inputs, FIRST_DAY, LAST_DAY)
        shown = backwards(small_league.inputs(inputs))
        return google.execute(statement.sql, shown, statement.parameters)

    return lambda table: answer(table.name)


# Analysis: what BigQuery accepts


@pytest.mark.parametrize("table", EXECUTED)
def test_the_statement_of_a_table_yields_its_declared_columns(answered, table: Table):
    declared = [(column.name, type_name(column.type)) for column in table.columns]
    assert answered(table).columns == declared


@pytest.mark.parametrize("table", SQL_TABLES)
def test_the_select_yields_values_that_fit_the_declared_types(resolved, table: Table):
    own = dict(columns_of(resolved(table)))
    wrong = [
        f"{column.name}: {own[column.name]} for {column.type}"
        for column in table.columns
        if (own[column.name], type_name(column.type)) not in HARMLESS_CASTS
        and own[column.name] != type_name(column.type)
    ]
    assert not wrong
    assert set(own) <= {column.name for column in table.columns}, "columns nobody declared"


@pytest.mark.parametrize("table", TABLES)
def test_the_select_computes_nothing_that_the_engines_compute_otherwise(resolved, table: Table):
    known = KNOWN_UNPORTABLE.get(table.name, set())
    found = [p for p in unportable(resolved(table)) if p.partition(":")[0] not in known]
    assert not found


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_of_a_table_is_a_condition_on_its_columns(google, table: Table):
    conditions = {rule.name: rule.holds for rule in table.rules}
    conditions |= {c.name: c.null_rate_where for c in table.columns if c.null_rate_where}
    select = ", ".join(f"({holds}) AS `{name}`" for name, holds in conditions.items())
    if select:
        sql = f"SELECT {select} FROM {table.relation}"
        kinds = dict(google.analyse(sql, {table.relation: table.columns}))
        assert kinds == dict.fromkeys(conditions, "BOOL")


@pytest.mark.parametrize(("table", "reconciliation"), RECONCILIATIONS)
def test_every_reconciliation_returns_a_day(google, table: Table, reconciliation):
    relations = {name: CATALOGUE.by_name[name].relation for name in reconciliation.reads}
    statement = reconciliation_statement(
        reconciliation, CATALOGUE.by_name, relations, FIRST_DAY, LAST_DAY
    )
    schemas = {relations[name]: CATALOGUE.by_name[name].columns for name in reconciliation.reads}
    assert ("day", "DATE") in google.analyse(statement.sql, schemas, statement.parameters)


# Execution: the same rows from both engines


@pytest.mark.parametrize("table", PYTHON_TABLES)
def test_both_engines_gather_the_same_rows_for_a_table_computed_in_python(
    google, small_league, table: Table
):
    inputs = CATALOGUE.inputs(table)
    statement = select_statement(table, inputs, FIRST_DAY, LAST_DAY)
    asked = ask_both(google, small_league.warehouse, statement, small_league.inputs(inputs))
    assert asked[1], "nothing was gathered: nothing was compared"
    assert not differences(*asked)


@pytest.mark.parametrize("table", EXECUTED)
def test_both_engines_compute_the_same_rows_of_a_table(answered, small_league, table: Table):
    ours = small_league.stored[table.relation].rows
    assert ours, "the small league has no rows for this table: nothing was compared"
    names = [column.name for column in table.columns]
    assert not differences(names, ours, answered(table).rows)


COMMANDS = {
    "report accuracy": (market.__file__, [prediction_accuracy.TABLE.relation]),
    "training-set check": (
        Path(training_set.__file__).with_name("training_readiness.py"),
        [
            "nba_predictions.ml_feature_store_v2",
            "nba_staging.player_boxes",
            "nba_analytics.player_game_summary",
        ],
    ),
    "training-set export": (
        training_set.__file__,
        ["nba_predictions.ml_feature_store_v2", "nba_analytics.player_game_summary"],
    ),
}
"""What a command asks without filling a table: the SQL beside a module, and what it reads."""


@pytest.mark.parametrize("command", COMMANDS)
def test_both_engines_answer_a_command_the_same(google, small_league, command: str):
    module, names = COMMANDS[command]
    sql = Path(module).with_suffix(".sql").read_text()
    statement = Statement(sql, {"start_date": FIRST_DAY, "end_date": LAST_DAY})
    relations = {name: small_league.stored[name] for name in names}
    asked = ask_both(google, small_league.warehouse, statement, relations)
    assert asked[1], "there are no rows: nothing was compared"
    assert not differences(*asked)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_value_somewhere_in_the_small_league(small_league, table: Table):
    rows = small_league.stored[table.relation].rows
    empty = {
        column.name for n, column in enumerate(table.columns) if all(row[n] is None for row in rows)
    }
    # A document that breaks its contract is a fault of code; other tests see it refused.
    broken = {"problem"} if table.publication else set()
    assert empty <= ALWAYS_NULL.get(table.name, set()) | broken


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_the_judge_hears_the_same_from_both_engines(google, small_league, table: Table):
    """Profile, duplicates and coverage, as the judge sends them; reconciliations come below."""
    calendar = CATALOGUE.calendar(small_league.warehouse, [small_league.season])
    asked = small_league.recorded()
    Judge(table, CATALOGUE, asked, calendar).profiles(table.relation, small_league.days)
    statements = [found for found in asked.statements if found.sql.startswith("SELECT")]
    assert len(statements) > len(table.keys), "a profile, and duplicates for each key"
    for statement in statements:
        relations = {
            n: r for n, r in small_league.stored.items() if n.split(".")[1] in statement.sql
        }
        assert not differences(*ask_both(google, small_league.warehouse, statement, relations)), (
            statement.sql
        )


def test_both_engines_read_the_same_calendar(google, small_league):
    asked = small_league.recorded()
    CATALOGUE.calendar(asked, [small_league.season])
    [statement] = asked.statements
    inputs = small_league.inputs(CATALOGUE.inputs(CATALOGUE.table(CALENDAR_TABLE)))
    assert not differences(*ask_both(google, small_league.warehouse, statement, inputs))


@pytest.mark.slow
@pytest.mark.parametrize(("table", "reconciliation"), RECONCILIATIONS)
def test_both_engines_find_the_same_disagreements(
    google, small_league, table: Table, reconciliation
):
    """Over falsified rows, so that there is something to find."""
    relations = {name: CATALOGUE.by_name[name].relation for name in reconciliation.reads}
    relations[table.name] = small_league.falsified(table)
    statement = reconciliation_statement(
        reconciliation, CATALOGUE.by_name, relations, FIRST_DAY, LAST_DAY
    )
    stored = {name: small_league.stored[name] for name in relations.values()}
    assert not differences(*ask_both(google, small_league.warehouse, statement, stored))


# The small league holds what the SQL has branches for


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("overtime", "FROM nba_staging.team_boxes WHERE overtime_periods > 0"),
        ("two overtimes or more", "FROM nba_staging.team_boxes WHERE minutes_total > 265"),
        ("listed and not used", "FROM nba_staging.player_boxes WHERE player_status = 'dnp'"),
        ("the second vendor", "FROM nba_staging.player_boxes WHERE source = 'bdl_boxscores'"),
        ("team rows from players", "FROM nba_staging.team_boxes WHERE source = 'player_sum'"),
        ("official team rows", "FROM nba_staging.team_boxes WHERE source = 'nbac_team_boxscore'"),
        ("play-by-play", "FROM nba_staging.shot_zones WHERE assisted_fg_makes > 0"),
        ("no play-by-play", "FROM nba_analytics.player_game_summary WHERE paint_attempts IS NULL"),
        ("shots without distance", "FROM nba_staging.shot_zones WHERE unknown_attempts > 0"),
        ("a game only ESPN knows", "FROM nba_staging.games WHERE source = 'espn_scoreboard'"),
        ("a game to come", "FROM nba_staging.games WHERE NOT is_over"),
        ("a game of unknown result", "FROM nba_staging.games WHERE is_over AND NOT is_final"),
        ("an unknown tip-off", "FROM nba_staging.games WHERE tip_at IS NULL"),
        ("props of one vendor", "FROM nba_staging.prop_lines WHERE source = 'odds_api'"),
        ("props of the other", "FROM nba_staging.prop_lines WHERE source = 'bettingpros'"),
        ("an unresolved name", "FROM nba_staging.player_names WHERE universal_player_id IS NULL"),
        ("an accent", "FROM nba_staging.player_names WHERE regexp_matches(player_name, '[é-ž]')"),
        ("a suffix", "FROM nba_staging.player_names WHERE player_name LIKE '% Jr.'"),
        ("an injury", "FROM nba_staging.injuries WHERE injury_status = 'out'"),
        (
            "a traded player",
            "FROM (SELECT player_lookup FROM nba_analytics.player_game_summary GROUP BY 1"
            " HAVING count(DISTINCT team_abbr) > 1)",
        ),
        (
            "a ladder of lines",
            "FROM (SELECT player_name FROM nba_raw.odds_api_player_points_props GROUP BY"
            " player_name, bookmaker, snapshot_timestamp HAVING count(DISTINCT points_line) > 1)",
        ),
        (
            "a game loaded twice",
            "FROM (SELECT game_id FROM nba_raw.nbac_gamebook_player_stats GROUP BY"
            " game_id, player_name HAVING count(*) > 1)",
        ),
        (
            "a postponed game",
            "FROM (SELECT game_id FROM nba_raw.nbac_schedule GROUP BY 1 HAVING count(*) > 1)",
        ),
        (
            "a team row turned round",
            "FROM nba_raw.nbac_team_boxscore AS t JOIN nba_staging.games AS g USING (nba_game_id)"
            " WHERE t.is_home <> (t.team_abbr = g.home_team_abbr)",
        ),
    ],
)
def test_the_small_league_holds(small_league, what: str, query: str):
    [(found,)] = small_league.warehouse.connection.execute(f"SELECT count(*) {query}").fetchall()
    assert found, f"no {what}: choose other days in small_league.py"
