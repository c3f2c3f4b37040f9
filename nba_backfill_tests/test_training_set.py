"""The feature store is trained on only if it may be, and what is taken out is what was known."""

import json

import dagster as dg
import pandas as pd
import pytest

from nba_backfill.backfill.training import build_training_check, readiness
from nba_backfill.cli.exits import COMPLETE, GAPS
from nba_backfill.definitions import CATALOGUE
from nba_backfill.precompute.features import FEATURES
from nba_backfill.predictions.forecasting.training_set import training_rows
from nba_backfill_tests.conftest import copied, spoil

SEASON = ("--season", "2024-25")
STORE = "nba_predictions.ml_feature_store_v2"


@pytest.fixture
def spoilt(demo_warehouse, tmp_path):
    """A copy of the demo warehouse, changed by a statement."""
    opened = []

    def change(sql):
        warehouse = copied(demo_warehouse, tmp_path / "spoilt.duckdb")
        warehouse.connection.execute(sql)
        opened.append(warehouse)
        return warehouse

    yield change
    for warehouse in opened:
        warehouse.close()


def unmet(warehouse, days):
    return [one.name for one in readiness(CATALOGUE, warehouse, days).not_met]


def test_a_complete_store_is_ready(demo_warehouse):
    assert unmet(demo_warehouse.warehouse, demo_warehouse.days) == []


@pytest.mark.parametrize(
    ("defect", "requirement"),
    [
        (
            "DELETE FROM nba_orchestration.partition_ledger"
            f" WHERE table_name = '{STORE}' AND day = DATE '2024-11-10'",
            "every game day is there",
        ),
        (
            "UPDATE nba_orchestration.partition_ledger SET inputs_fingerprint = 'other'"
            f" WHERE table_name = '{STORE}' AND day = DATE '2024-11-10'",
            "no day is contaminated",
        ),
        (
            f"UPDATE {STORE} SET feature_names = list_reverse(feature_names)"
            " WHERE game_date = DATE '2024-11-10'",
            "the 33 features of the models' contract, in its order",
        ),
        (
            f"UPDATE {STORE} SET points_avg_season = NULL WHERE game_date = DATE '2024-11-10'",
            "no value unknown",
        ),
        (
            f"UPDATE {STORE} SET pace_score = 'nan'::DOUBLE WHERE game_date = DATE '2024-11-10'",
            "no value unknown",
        ),
        (
            "DELETE FROM nba_analytics.player_game_summary"
            " WHERE game_date BETWEEN DATE '2024-11-08' AND DATE '2024-11-12'",
            "at least 98% of those who played have a label",
        ),
        (
            f"UPDATE {STORE} AS s SET points_avg_last_5 = t.five, points_avg_last_10 = t.ten"
            " FROM (SELECT player_lookup, game_date,"
            "   avg(points) OVER (PARTITION BY player_lookup ORDER BY game_date"
            "     ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS five,"
            "   avg(points) OVER (PARTITION BY player_lookup ORDER BY game_date"
            "     ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS ten"
            "   FROM nba_analytics.player_game_summary) AS t"
            " WHERE t.player_lookup = s.player_lookup AND t.game_date = s.game_date",
            "features see nothing of their day",
        ),
    ],
)
def test_each_requirement_can_fail(demo_warehouse, spoilt, defect, requirement):
    assert requirement in unmet(spoilt(defect), demo_warehouse.days)


def test_an_export_holds_what_the_store_knew_and_what_he_scored(user, demo_warehouse, tmp_path):
    done = user("training-set", "export", "out", *SEASON)
    assert done.exit_code == COMPLETE, done.output
    rows = pd.read_parquet(tmp_path / "out" / "training_set_2024-25.parquet")
    wanted = demo_warehouse.query(
        f"SELECT count(*), sum(f.points), sum(s.points_avg_last_5) FROM {STORE} AS s"
        " JOIN nba_analytics.player_game_summary AS f USING (game_date, game_id, player_lookup)"
        " WHERE f.minutes_played > 0"
    )[0]
    assert len(rows) == wanted[0] > 0
    assert rows["label_points"].sum() == wanted[1]
    assert rows["points_avg_last_5"].sum() == pytest.approx(wanted[2])
    assert {f.name for f in FEATURES} <= set(rows.columns)
    card = json.loads((tmp_path / "out" / "data_card.json").read_text())
    assert card["rows"] == len(rows)
    assert card["features"] == [f.name for f in FEATURES]
    assert card["nulls"] == {n: int(c) for n, c in rows.isna().sum().items() if c}
    assert card["not_met"] == []


def test_nothing_is_written_from_a_store_that_is_not_ready(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "DELETE FROM nba_orchestration.partition_ledger"
        f" WHERE table_name = '{STORE}' AND day = DATE '2024-11-10'",
    )
    done = user("training-set", "export", "out", *SEASON)
    assert done.exit_code == GAPS
    assert "2024-11-10" in done.output
    assert "Nothing was written" in done.output
    assert not (tmp_path / "out").exists()
    written = user("training-set", "export", "out", *SEASON, "--even-if-not-ready")
    assert written.exit_code == GAPS
    card = json.loads((tmp_path / "out" / "data_card.json").read_text())
    assert [line.partition(":")[0] for line in card["not_met"]] == ["every game day is there"]


def test_labels_do_not_depend_on_later_days(demo_warehouse):
    whole = training_rows(demo_warehouse.warehouse, demo_warehouse.days[0], demo_warehouse.days[-1])
    day = whole["game_date"].min()
    alone = training_rows(demo_warehouse.warehouse, day, day)
    pd.testing.assert_frame_equal(
        whole[whole["game_date"] == day].reset_index(drop=True), alone, check_dtype=False
    )


def test_dagster_shows_the_requirements(demo_warehouse):
    class Open(dg.ConfigurableResource):
        @property
        def warehouse(self):
            return demo_warehouse.warehouse

    store = dg.AssetSpec("ml_feature_store_v2")
    defs = dg.Definitions(
        [store], asset_checks=[build_training_check(CATALOGUE)], resources={"warehouse": Open()}
    )
    job = defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance)
    (result,) = done.get_asset_check_evaluations()
    assert result.passed
    assert len(result.metadata["requirements"].records) == 6
