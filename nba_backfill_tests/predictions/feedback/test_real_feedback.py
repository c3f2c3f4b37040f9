"""The feedback tables on three real seasons, against pandas written from the specification."""

import numpy as np
import pandas as pd
import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.precompute.replica import stored
from nba_backfill_tests.predictions.feedback.feedback_replica import (
    BOUNDS,
    DAYS,
    FACTORS,
    LEARNT,
    VARIANCES,
    frame,
    graded_rows,
    levels,
    same,
    select,
    within,
)

pytestmark = pytest.mark.slow  # the models behind them take minutes to train


@pytest.fixture(scope="module")
def graded(real_predictions):
    return graded_rows(real_predictions)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_tier_adjustments_equal_an_independent_computation(real_predictions, graded, day):
    rows = stored(real_predictions, CATALOGUE.table("scoring_tier_adjustments"), day, day)
    groups = {
        key: found
        for key, found in within(graded, day, 30).groupby(["system_id", "tier"])
        if len(found) >= 20
    }
    assert {(r.system_id, r.scoring_tier) for r in rows.itertuples()} == set(groups)
    for _, row in rows.iterrows():
        found = groups[row.system_id, row.scoring_tier]
        n, std = len(found), found.signed_error.std(ddof=1)
        picks = found[found.prediction_correct.notna()]
        factor = FACTORS[row.scoring_tier]
        moved = picks.predicted_points + factor * float(row.recommended_adjustment)
        side = np.sign(np.round(moved - picks.line_value, 6))
        projected = (side == np.sign(picks.actual_points - picks.line_value))[side != 0]
        expected = {
            "sample_size": n,
            "tier_min_points": float(BOUNDS[row.scoring_tier]),
            "avg_signed_error": found.signed_error.mean(),
            "avg_absolute_error": found.absolute_error.mean(),
            "std_signed_error": std,
            "recommended_adjustment": -found.signed_error.mean(),
            "adjustment_confidence": min(1, n / 100) * max(0.3, 1 - std / 20),
            "application_factor": factor,
            "current_win_rate": picks.prediction_correct.astype(float).mean(),
            "projected_win_rate": projected.mean(),
        }
        same(row, expected, (day, row.system_id, row.scoring_tier))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_player_biases_equal_an_independent_computation(real_predictions, graded, day):
    rows = stored(real_predictions, CATALOGUE.table("player_prediction_bias"), day, day)
    season = Season.of(day).year
    known = graded[graded.season_year.isin([season - 1, season]) & (graded.game_date <= day)]
    known = known.sort_values(["game_date", "game_id"])
    by_player = dict(tuple(known.groupby(["player_lookup", "system_id"], sort=False)))
    wanted = {key for key, found in by_player.items() if len(found) >= 5}
    assert {(r.player_lookup, r.system_id) for r in rows.itertuples()} == wanted
    chosen = rows.sample(min(len(rows), 400), random_state=7)
    for _, row in chosen.iterrows():
        found = by_player[row.player_lookup, row.system_id].tail(30)
        n, std = len(found), found.signed_error.std(ddof=1)
        confidence = min(1, n / 20) * (1 - std / 10)
        expected = {
            "sample_size": n,
            "games_last_30d": len(within(found, day, 30)),
            "avg_signed_error": found.signed_error.mean(),
            "avg_absolute_error": found.absolute_error.mean(),
            "bias_stddev": std,
            "recommended_adjustment": -found.signed_error.mean(),
            "adjustment_confidence": min(max(confidence, 0), 1),
            "scoring_tier": str(found.tier.iloc[-1]),
        }
        same(row, expected, (day, row.player_lookup, row.system_id))
        assert abs(float(row.avg_actual_points) - found.actual_points.mean()) <= 0.0500001


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_calibration_equals_an_independent_computation(real_predictions, graded, day):
    rows = stored(real_predictions, CATALOGUE.table("confidence_calibration"), day, day)
    picks = within(graded, day, 180)
    picks = picks[picks.prediction_correct.notna()]
    groups = dict(tuple(picks.groupby(["system_id", "confidence_decile"])))
    assert {(r.system_id, r.confidence_bucket) for r in rows.itertuples()} == set(groups)
    for _, row in rows.iterrows():
        found = groups[row.system_id, row.confidence_bucket]
        rate = found.prediction_correct.astype(float).mean()
        midpoint = (row.confidence_bucket - 0.5) / 10
        expected = {
            "sample_size": len(found),
            "bucket_midpoint": midpoint,
            "actual_win_rate": rate,
            "calibration_error": abs(rate - midpoint),
            "recommended_multiplier": (
                min(max(rate / midpoint, 0.5), 1.5) if len(found) >= 50 else 1.0
            ),
        }
        same(row, expected, (day, row.system_id, row.confidence_bucket), half=0.00050001)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_agreement_patterns_equal_an_independent_computation(real_predictions, graded, day):
    rows = stored(real_predictions, CATALOGUE.table("system_agreement_patterns"), day, day)
    found = within(graded, day, 180)
    found = found[found.system_id == "ensemble_v1"]
    overall = found.prediction_correct.dropna().astype(float).mean()
    groups = dict(tuple(found.groupby(levels(found.prediction_variance))))
    assert set(rows.agreement_level) == set(groups)
    for _, row in rows.iterrows():
        at_level = groups[row.agreement_level]
        picks = at_level.prediction_correct.dropna().astype(float)
        rate, mae = picks.mean(), at_level.absolute_error.mean()
        top = VARIANCES[row.agreement_level]
        expected = {
            "sample_size": len(at_level),
            "picks": len(picks),
            "max_variance": None if np.isinf(top) else float(top),
            "win_rate": rate,
            "avg_mae": mae,
            "win_rate_vs_overall": rate - overall,
            "mae_vs_overall": mae - found.absolute_error.mean(),
            "confidence_multiplier": (
                min(max(rate / overall, 0.8), 1.2) if len(picks) >= 50 else 1.0
            ),
        }
        same(row, expected, (day, row.agreement_level))


@pytest.fixture(scope="module")
def contexts(real_predictions):
    """Circumstances of every team's games, computed from the schedule, the pace and the lines."""
    games = frame(
        real_predictions, "nba_staging.games", "game_date, home_team_abbr, away_team_abbr"
    )
    clubs = pd.concat(
        games.rename(columns={club: "team_abbr", other: "opponent"}).assign(home_game=home)
        for club, other, home in (
            ("home_team_abbr", "away_team_abbr", True),
            ("away_team_abbr", "home_team_abbr", False),
        )
    ).sort_values(["team_abbr", "game_date"])
    dates = clubs.groupby("team_abbr").game_date
    since = [(clubs.game_date - dates.shift(n)).map(lambda gap: gap.days, "ignore") for n in (1, 2)]
    clubs["back_to_back"] = since[0] == 1
    clubs["3_games_in_4_nights"] = since[1] <= 3
    pace = frame(
        real_predictions,
        "nba_precompute.team_defense_zone_analysis",
        "analysis_date::TIMESTAMP AS game_date, team_abbr AS opponent, opponent_pace",
    )
    lines = frame(
        real_predictions, "nba_staging.game_lines", "game_date, team_abbr, spread::DOUBLE AS spread"
    )
    clubs = clubs.merge(pace, how="left").merge(lines, how="left")
    clubs["high_pace_matchup"] = (clubs.opponent_pace > 102).where(clubs.opponent_pace.notna())
    clubs["blowout_risk"] = (clubs.spread.abs() >= 10).where(clubs.spread.notna())
    names = ["back_to_back", "3_games_in_4_nights", "home_game", "high_pace_matchup"]
    return clubs.melt(
        ["game_date", "team_abbr"],
        [*names, "blowout_risk"],
        var_name="context_feature",
        value_name="applies",
    ).dropna()


def test_contexts_equal_an_independent_computation(real_predictions, contexts):
    rows = frame(real_predictions, "nba_predictions.prediction_contexts")
    both = rows.merge(
        contexts, how="left", on=["game_date", "team_abbr", "context_feature"], indicator=True
    )
    assert len(rows) > 30_000
    assert set(both["_merge"]) == {"both"}
    assert (both.applies_x == both.applies_y.astype(bool)).all()
    predicted = contexts[contexts.game_date.isin(set(rows.game_date))]
    assert len(predicted) == len(rows)
    assert rows.groupby("context_feature").applies.mean().between(0.05, 0.51).all()


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_context_errors_equal_an_independent_computation(real_predictions, graded, contexts, day):
    rows = stored(real_predictions, CATALOGUE.table("context_error_correlations"), day, day)
    found = within(graded, day, 365)[["game_date", "team_abbr", "system_id", "signed_error"]]
    found = found.merge(within(contexts, day, 365), on=["game_date", "team_abbr"])
    groups = dict(tuple(found.groupby(["system_id", "context_feature"])))
    assert {(r.system_id, r.context_feature) for r in rows.itertuples()} == set(groups)
    for _, row in rows.iterrows():
        errors = groups[row.system_id, row.context_feature]
        applies = errors.applies.astype(bool)
        yes, no = errors.signed_error[applies], errors.signed_error[~applies]
        spread = np.sqrt(yes.var() / len(yes) + no.var() / len(no)) if min(len(yes), len(no)) else 0
        t = (yes.mean() - no.mean()) / spread if spread else np.nan
        significant = bool(min(len(yes), len(no)) >= 100 and abs(t) > 3.189)
        expected = {
            "sample_size_with_context": len(yes),
            "sample_size_without_context": len(no),
            "mae_with_context": yes.abs().mean(),
            "mae_without_context": no.abs().mean(),
            "mae_difference": yes.abs().mean() - no.abs().mean(),
            "bias_with_context": yes.mean(),
            "bias_without_context": no.mean(),
            "t_statistic": t,
            "is_significant": significant,
            "recommended_adjustment": no.mean() - yes.mean() if significant else 0.0,
        }
        same(row, expected, (day, row.system_id, row.context_feature))


@pytest.mark.parametrize(
    "name", [*LEARNT, "prediction_contexts", "adjusted_predictions", "adjustment_performance"]
)
def test_one_day_alone_equals_the_day_within_its_season(real_predictions, name):
    table = CATALOGUE.table(name)
    for day in (DAYS[3], DAYS[5]):
        pd.testing.assert_frame_equal(
            stored(real_predictions, table, day, day),
            select(real_predictions, table, day, day),
            check_exact=True,
        )
