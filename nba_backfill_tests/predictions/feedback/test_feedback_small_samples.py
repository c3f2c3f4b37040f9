"""The bounds of the feedback tables' formulas, on rows made by hand."""

import datetime as dt
from decimal import Decimal

import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests import by_hand

DAY = dt.date(2024, 1, 31)
LATER = dt.date(2024, 2, 2)
SYSTEM = "ensemble_v1"


def computed(name, first=DAY, last=DAY, **rows):
    """Rows of a table for first..last as dicts, from hand-made rows of its inputs."""
    return by_hand.computed(CATALOGUE.table(name), first, last, **rows)


def game_day(day=DAY):
    """The schedule of a day: enough to have an as-of date."""
    return {
        "game_date": day,
        "game_id": f"{day:%Y%m%d}_BOS_NYK",
        "season_year": Season.of(day).year,
        "is_final": True,
        "is_over": True,
    }


def graded(error=1.0, day=DAY, **more):
    """A graded prediction of 12 points that was ``error`` points too high."""
    row = {
        "game_date": day,
        "game_id": f"{day:%Y%m%d}_BOS_NYK",
        "season_year": Season.of(day).year,
        "player_lookup": "ada",
        "system_id": SYSTEM,
        "team_abbr": "BOS",
        "predicted_points": 12,
        "confidence_score": 0.75,
        "confidence_decile": 8,
        "actual_points": 11,
        "signed_error": error,
        "absolute_error": abs(error),
        "is_voided": False,
        "points_avg_season": 12.0,
    }
    return row | more


def pick(won, **more):
    """A graded prediction with a pick against a line of 10."""
    margin = 1 if won else -1
    line = {"recommendation": "OVER", "line_value": 10, "predicted_margin": 2}
    return graded(prediction_correct=won, actual_margin=margin, **(line | more))


# scoring_tier_adjustments


@pytest.mark.parametrize(("rows", "tiers"), [(19, 0), (20, 1)])
def test_a_tier_needs_twenty_graded_rows(rows, tiers):
    made = [graded(player_lookup=f"p{n}") for n in range(rows)]
    found = computed("scoring_tier_adjustments", games=[game_day()], prediction_accuracy=made)
    assert len(found) == tiers


@pytest.mark.parametrize(
    ("average", "tier"),
    [
        (30.0, "STAR_30PLUS"),
        (29.99, "STARTER_20_29"),
        (20.0, "STARTER_20_29"),
        (19.99, "ROTATION_10_19"),
        (10.0, "ROTATION_10_19"),
        (9.99, "BENCH_0_9"),
        (0.0, "BENCH_0_9"),
        (None, "BENCH_0_9"),
    ],
)
def test_the_tier_is_that_of_the_season_average(average, tier):
    made = [graded(points_avg_season=average, actual_points=40) for _ in range(20)]
    [row] = computed("scoring_tier_adjustments", games=[game_day()], prediction_accuracy=made)
    assert row["scoring_tier"] == tier


def test_the_sample_is_of_thirty_dates_and_holds_no_void():
    made = [graded(2.0, DAY - dt.timedelta(days=29)) for _ in range(20)]
    made += [graded(50.0, DAY - dt.timedelta(days=30)) for _ in range(20)]
    made += [graded(50.0, DAY + dt.timedelta(days=1)) for _ in range(20)]
    made += [graded(50.0, is_voided=True) for _ in range(20)]
    [row] = computed(
        "scoring_tier_adjustments",
        games=[game_day(), game_day(LATER)],
        prediction_accuracy=made,
    )
    assert (row["sample_size"], row["avg_signed_error"]) == (20, 2)
    assert (row["recommended_adjustment"], row["std_signed_error"]) == (-2, 0)
    assert row["last_game_date"] == DAY - dt.timedelta(days=29)


def test_the_projected_win_rate_is_that_of_the_moved_forecasts():
    # Off by +6 on average: half of it is taken back, so margins of 2 turn and one of 4 stays.
    made = [pick(False, error=6.0) for _ in range(10)]
    made += [pick(True, error=6.0, predicted_margin=4) for _ in range(5)]
    made += [pick(True, error=6.0, predicted_margin=3) for _ in range(5)]
    [row] = computed("scoring_tier_adjustments", games=[game_day()], prediction_accuracy=made)
    assert row["current_win_rate"] == Decimal("0.5")
    assert row["projected_win_rate"] == 1, "ten turn right, five stay right, five are no picks"


# player_prediction_bias


def nights(count, last=DAY, error=1.0):
    return [graded(error, last - dt.timedelta(days=n)) for n in range(count)]


@pytest.mark.parametrize(("games", "rows"), [(4, 0), (5, 1)])
def test_a_player_needs_five_graded_games(games, rows):
    found = computed(
        "player_prediction_bias", games=[game_day()], prediction_accuracy=nights(games)
    )
    assert len(found) == rows


def test_only_the_last_thirty_games_count():
    made = nights(30) + nights(9, DAY - dt.timedelta(days=30), error=40.0)
    [row] = computed("player_prediction_bias", games=[game_day()], prediction_accuracy=made)
    assert (row["sample_size"], row["avg_signed_error"], row["games_last_30d"]) == (30, 1, 30)
    assert (row["bias_stddev"], row["adjustment_confidence"]) == (0, 1)


def test_a_player_who_rests_keeps_his_row_while_his_recent_games_grow_old():
    made = nights(6, DAY - dt.timedelta(days=25))
    [row] = computed("player_prediction_bias", games=[game_day()], prediction_accuracy=made)
    assert (row["sample_size"], row["games_last_30d"]) == (6, 5)
    assert row["last_game_date"] == DAY - dt.timedelta(days=25)


def test_the_season_before_counts_and_no_older_one():
    made = nights(3, dt.date(2023, 4, 10)) + nights(3) + nights(9, dt.date(2022, 4, 10), 40.0)
    [row] = computed("player_prediction_bias", games=[game_day()], prediction_accuracy=made)
    assert (row["sample_size"], row["avg_signed_error"]) == (6, 1)


def test_wild_errors_leave_no_confidence_rather_than_a_negative_one():
    made = [graded(20.0 * (-1) ** n, DAY - dt.timedelta(days=n)) for n in range(6)]
    [row] = computed("player_prediction_bias", games=[game_day()], prediction_accuracy=made)
    assert row["bias_stddev"] > 10
    assert row["adjustment_confidence"] == 0


def test_a_later_game_does_not_enter_an_earlier_day():
    made = nights(5) + nights(1, LATER, error=40.0)
    rows = computed(
        "player_prediction_bias",
        last=LATER,
        games=[game_day(), game_day(LATER)],
        prediction_accuracy=made,
    )
    assert {r["as_of_date"]: r["sample_size"] for r in rows} == {DAY: 5, LATER: 6}
    assert {r["as_of_date"]: r["avg_signed_error"] for r in rows} == {DAY: 1, LATER: 7.5}


# confidence_calibration and system_agreement_patterns


@pytest.mark.parametrize(
    ("won", "lost", "multiplier"),
    [(40, 9, "1"), (41, 9, "1.093"), (50, 0, "1.333"), (10, 40, "0.5"), (0, 49, "1")],
)
def test_fifty_picks_move_the_confidence_within_bounds(won, lost, multiplier):
    made = [pick(True)] * won + [pick(False)] * lost
    made += [graded(prediction_correct=None)] * 60
    [row] = computed("confidence_calibration", games=[game_day()], prediction_accuracy=made)
    assert row["sample_size"] == won + lost
    assert row["recommended_multiplier"] == Decimal(multiplier)


def test_a_low_bucket_that_wins_is_raised_by_half_at_most():
    made = [pick(True, confidence_score=0.15, confidence_decile=2)] * 50
    [row] = computed("confidence_calibration", games=[game_day()], prediction_accuracy=made)
    assert (row["bucket_midpoint"], row["recommended_multiplier"]) == (Decimal("0.15"), 1.5)


@pytest.mark.parametrize(
    ("variance", "level", "top"),
    [(3.99, "HIGH", 4), (4, "GOOD", 9), (9, "MODERATE", 36), (36, "LOW", None)],
)
def test_the_levels_of_agreement_end_at_two_three_and_six_points(variance, level, top):
    made = [graded(prediction_variance=variance)]
    [row] = computed("system_agreement_patterns", games=[game_day()], prediction_accuracy=made)
    assert (row["agreement_level"], row["max_variance"]) == (level, top)
    assert (row["win_rate"], row["confidence_multiplier"]) == (None, 1)


def test_agreement_moves_confidence_from_fifty_picks_and_within_a_fifth():
    made = [pick(True, prediction_variance=1)] * 50 + [pick(False, prediction_variance=5)] * 50
    made += [pick(True, prediction_variance=10)] * 49
    rows = computed("system_agreement_patterns", games=[game_day()], prediction_accuracy=made)
    assert {r["agreement_level"]: r["confidence_multiplier"] for r in rows} == {
        "HIGH": Decimal("1.2"),
        "GOOD": Decimal("0.8"),
        "MODERATE": 1,
    }


# context_error_correlations


@pytest.mark.parametrize(("rows", "significant"), [(99, False), (100, True)])
def test_a_context_is_significant_from_a_hundred_rows_on_either_side(rows, significant):
    made = [graded(2.0 + n % 2, team_abbr="BOS") for n in range(rows)]
    made += [graded(-2.0 - n % 2, team_abbr="NYK") for n in range(100)]
    made += [graded(40.0, team_abbr="LAL")]
    known = [
        {"game_date": DAY, "team_abbr": team, "context_feature": "home_game", "applies": home}
        for team, home in (("BOS", True), ("NYK", False))
    ]
    [row] = computed(
        "context_error_correlations",
        games=[game_day()],
        prediction_accuracy=made,
        prediction_contexts=known,
    )
    assert (row["sample_size_with_context"], row["sample_size_without_context"]) == (rows, 100)
    assert row["is_significant"] is significant
    assert (row["recommended_adjustment"] < -4) is significant
    assert (row["recommended_adjustment"] == 0) is not significant


@pytest.mark.parametrize(("shift", "significant"), [(0.4, False), (0.5, True)])
def test_a_difference_must_exceed_the_corrected_critical_value(shift, significant):
    # Errors of 0 and 2: standard error sqrt(2 / 99) = 0.1421, so 3.189 of them are 0.4533.
    made = [graded(2.0 * (n % 2) + shift, team_abbr="BOS") for n in range(100)]
    made += [graded(2.0 * (n % 2), team_abbr="NYK") for n in range(100)]
    known = [
        {"game_date": DAY, "team_abbr": team, "context_feature": "home_game", "applies": home}
        for team, home in (("BOS", True), ("NYK", False))
    ]
    [row] = computed(
        "context_error_correlations",
        games=[game_day()],
        prediction_accuracy=made,
        prediction_contexts=known,
    )
    assert row["is_significant"] is significant
    assert row["t_statistic"] == pytest.approx(
        Decimal(shift / (2 / 99) ** 0.5), abs=Decimal("0.001")
    )


# adjusted_predictions


def prediction(**more):
    row = {
        "game_date": LATER,
        "game_id": "20240202_BOS_NYK",
        "season_year": 2023,
        "player_lookup": "ada",
        "system_id": SYSTEM,
        "team_abbr": "BOS",
        "predicted_points": 12,
        "recommendation": "OVER",
        "confidence_score": 0.8,
        "prediction_variance": 3,
    }
    return row | more


def as_of(day, adjustment=-2, **more):
    row = {
        "as_of_date": day,
        "season_year": Season.of(day).year,
        "system_id": SYSTEM,
        "recommended_adjustment": adjustment,
    }
    return row | more


def adjusted(**learnt):
    """The one prediction of LATER, whose player's season average is 22 points."""
    feature = {"game_date": LATER, "player_lookup": "ada", "points_avg_season": 22.0}
    [row] = computed(
        "adjusted_predictions",
        LATER,
        LATER,
        player_prop_predictions=[prediction()],
        ml_feature_store_v2=[feature | {"default_features": []}],
        **learnt,
    )
    return row


STARTER = {"scoring_tier": "STARTER_20_29", "application_factor": 0.75}


def test_without_anything_learnt_a_prediction_stays_alone():
    row = adjusted()
    assert (row["predicted_points"], row["recommendation"]) == (12, "OVER")
    assert (row["scoring_tier"], row["agreement_level"]) == ("STARTER_20_29", "HIGH")
    given = [v for n, v in row.items() if n.endswith(("_adjustment", "_as_of_date", "_multiplier"))]
    assert set(given) == {None}
    assert (row["adjusted_points"], row["calibrated_confidence"]) == (None, None)


def test_the_newest_earlier_row_of_the_season_is_used_and_never_the_days_own():
    row = adjusted(
        scoring_tier_adjustments=[
            as_of(DAY - dt.timedelta(days=2), -8, **STARTER),
            as_of(DAY, -2, **STARTER),
            as_of(LATER, 50, **STARTER),
        ]
    )
    assert (row["tier_adjustment"], row["tier_as_of_date"]) == (Decimal("-1.5"), DAY)
    assert row["adjusted_points"] == Decimal("10.5")


def test_a_row_of_the_season_before_is_not_used():
    row = adjusted(scoring_tier_adjustments=[as_of(dt.date(2023, 6, 12), -2, **STARTER)])
    assert (row["tier_adjustment"], row["tier_as_of_date"]) == (None, None)


def test_a_tier_that_the_newest_date_lacks_is_not_taken_from_an_older_one():
    stale = DAY - dt.timedelta(days=2)
    bench = {"scoring_tier": "BENCH_0_9", "application_factor": 0.5}
    row = adjusted(scoring_tier_adjustments=[as_of(stale, -8, **STARTER), as_of(DAY, -2, **bench)])
    assert row["tier_adjustment"] is None


@pytest.mark.parametrize(("confidence", "expected"), [(0.5, "0"), (0.501, "-1.00"), (1, "-2")])
def test_a_players_bias_is_applied_above_half_confidence_only(confidence, expected):
    row = adjusted(
        player_prediction_bias=[as_of(DAY, player_lookup="ada", adjustment_confidence=confidence)]
    )
    assert row["player_bias_adjustment"] == Decimal(expected)
    assert row["adjusted_points"] is None, "the player's bias is a column of its own"


def test_the_contexts_that_apply_are_added_up():
    found = {"back_to_back": True, "home_game": True, "blowout_risk": False}
    row = adjusted(
        prediction_contexts=[
            {"game_date": LATER, "team_abbr": "BOS", "context_feature": name, "applies": applies}
            for name, applies in found.items()
        ],
        context_error_correlations=[
            as_of(DAY, -1.2, context_feature="back_to_back", is_significant=True),
            as_of(DAY, 0, context_feature="home_game", is_significant=False),
            as_of(DAY, 3, context_feature="blowout_risk", is_significant=True),
        ],
    )
    assert (row["context_adjustment"], row["significant_contexts"]) == (Decimal("-1.2"), 1)


def test_confidence_is_calibrated_by_its_own_bucket_and_never_beyond_one():
    def calibrated(bucket, multiplier):
        made = as_of(DAY, confidence_bucket=bucket, recommended_multiplier=multiplier)
        made.pop("recommended_adjustment")
        return adjusted(confidence_calibration=[made])["calibrated_confidence"]

    assert calibrated(9, 0.7) == Decimal("0.56"), "0.8 lies in the ninth bucket"
    assert calibrated(9, 1.5) == 1
    assert calibrated(8, 0.7) is None
