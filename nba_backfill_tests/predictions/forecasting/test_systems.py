"""A prediction system is one SQL file and its id in one list."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from nba_backfill.core.composition import UnionAll
from nba_backfill.definitions import CATALOGUE
from nba_backfill.predictions.forecasting import player_prop_predictions
from nba_backfill.predictions.forecasting.prediction_columns import SAID_BY_SYSTEMS, SYSTEMS
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill_tests.conftest import DEMO_THROUGH

TABLE = player_prop_predictions.TABLE
FOLDER = Path(player_prop_predictions.__file__).parent / "systems"

NEWCOMER = """
-- One row per player of the pool: ten points, come what may.
SELECT
  game_date,
  player_lookup,
  'ten_points' AS system_id,
  10.0 AS points,
  70 AS confidence,
  CASE WHEN line < 10 THEN 1 WHEN line > 10 THEN -1 ELSE 0 END AS pick,
  'rule' AS model_type,
  'rule-1' AS model_version,
  CAST(NULL AS STRING) AS fallback_reason
FROM pool
"""


def predictions(demo_warehouse, table):
    found = select_statement(table, CATALOGUE.inputs(table), DEMO_THROUGH, DEMO_THROUGH)
    return demo_warehouse.warehouse.query(
        dataclasses.replace(
            found, sql=f"SELECT system_id, COUNT(*) AS n FROM ({found.sql}) GROUP BY system_id"
        )
    )


def test_each_file_is_a_system_and_each_system_a_file():
    assert {path.stem for path in FOLDER.iterdir()} == set(SYSTEMS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_calls_itself_as_its_file_is_called(system):
    assert f"'{system}' AS system_id" in (FOLDER / f"{system}.sql").read_text()


def test_a_new_system_is_one_more_file(demo_warehouse, tmp_path):
    (tmp_path / "ten_points.sql").write_text(NEWCOMER)
    *shared, systems, distributions = TABLE.steps
    more = UnionAll(systems.name, (*systems.of, str(tmp_path / "ten_points")), SAID_BY_SYSTEMS)
    steps = (*shared, more, distributions)
    before = dict(predictions(demo_warehouse, TABLE))
    after = dict(predictions(demo_warehouse, dataclasses.replace(TABLE, steps=steps)))
    assert after.pop("ten_points") == before["challenger"] > 0
    assert after == before
