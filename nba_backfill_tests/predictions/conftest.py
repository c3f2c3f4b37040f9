"""Real predictions without the minutes of training: the models' part is drawn."""

from collections.abc import Iterator

import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.settle import settled_status
from nba_backfill.predictions.forecasting import player_prop_predictions
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill_tests.conftest import REAL_SEASONS, ComputedWarehouse, copied, season_days

DRAWN_FORECASTS = """
INSERT INTO nba_predictions.point_forecasts BY NAME
WITH asked AS (
  SELECT
    game_date, game_id, player_lookup, model_id,
    least(greatest(
      (points_avg_last_5 + points_avg_last_10 + points_avg_season) / 3
        + (hash(player_lookup, game_date, model_id) % 1000) / 250.0 - 2, 0), 60) AS points,
    opponent_def_rating NOT BETWEEN 95 AND 125 AS is_invalid,
    game_date < '2022-01-10' AS is_early
  FROM nba_predictions.ml_feature_store_v2,
    unnest(['catboost_v8', 'xgboost_v1', 'challenger']) AS models(model_id)
)
SELECT
  game_date, game_id, player_lookup, model_id,
  CASE WHEN NOT (is_early OR is_invalid) THEN points END AS predicted_points,
  -- One model gives no interval; those of the others are skewed and some have no width at all.
  CASE WHEN model_id != 'xgboost_v1' AND NOT (is_early OR is_invalid)
    THEN greatest(points - hash(player_lookup, game_date, 'low') % 9, 0) END
    AS predicted_points_p10,
  CASE WHEN model_id != 'xgboost_v1' AND NOT (is_early OR is_invalid)
    THEN least(points + hash(player_lookup, game_date, 'high') % 12, 60) END
    AS predicted_points_p90,
  CASE WHEN model_id = 'challenger' AND NOT (is_early OR is_invalid)
    THEN least(points + 0.5, 60) END AS predicted_points_mean,
  CASE WHEN is_early OR is_invalid THEN 'fallback' ELSE 'trained' END AS model_type,
  CASE WHEN is_invalid THEN 'invalid_features' WHEN is_early THEN 'not_enough_rows' END
    AS fallback_reason,
  CASE WHEN NOT (is_early OR is_invalid) THEN model_id || ':drawn' END AS model_version,
  date_trunc('month', game_date)::DATE AS model_cutoff
FROM asked
-- Some are lost altogether.
WHERE hash(player_lookup, game_date, model_id, 'lost') % 400 > 0
"""


@pytest.fixture(scope="session")
def predicted(real_warehouse, tmp_path_factory) -> Iterator[ComputedWarehouse]:
    """The real seasons with predictions over drawn forecasts: early ones, and a few, missing."""
    table = player_prop_predictions.TABLE
    warehouse = copied(real_warehouse, tmp_path_factory.mktemp("predicted") / "real.duckdb")
    inputs = CATALOGUE.inputs(table)
    for source in inputs.values():
        warehouse.ensure_table(source)
    warehouse.connection.execute(DRAWN_FORECASTS)
    for season in REAL_SEASONS:
        calendar = CATALOGUE.calendar(warehouse, [season])
        days = [d for d in season_days(season) if settled_status(table, calendar, d) is None]
        staged = warehouse.stage(table, select_statement(table, inputs, days[0], days[-1]))
        warehouse.replace_days(table, staged, days, [])
        warehouse.drop_staged(staged)
    yield ComputedWarehouse(warehouse, real_warehouse.days)
    warehouse.close()
