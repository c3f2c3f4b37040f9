"""Voids, pushes and days that cannot be graded yet, case by case on rows made by hand."""

import datetime as dt

import pytest

from nba_backfill.predictions.grading import prediction_accuracy, system_daily_performance
from nba_backfill_tests.warehouse.by_hand import computed

GRADES, DAILY = prediction_accuracy.TABLE, system_daily_performance.TABLE
DAY = dt.date(2024, 11, 20)
GAME, OTHER_GAME = "20241120_BOS_ATL", "20241120_NYK_MIA"

PREDICTION = {
    "game_date": DAY,
    "game_id": GAME,
    "player_lookup": "him",
    "system_id": "catboost_v8",
    "season_year": 2024,
    "team_abbr": "BOS",
    "opponent_team_abbr": "ATL",
    "is_home": False,
    "predicted_points": 21.5,
    "confidence_score": 0.85,
    "recommendation": "OVER",
    "has_prop_line": True,
    "current_points_line": 20.0,
    "model_type": "trained",
}
FACT = {
    "game_date": DAY,
    "game_id": GAME,
    "player_lookup": "him",
    "team_abbr": "BOS",
    "opponent_team_abbr": "ATL",
    "points": 25,
    "minutes_played": 34.0,
}
OPPONENT = FACT | {"player_lookup": "opponent", "team_abbr": "ATL", "opponent_team_abbr": "BOS"}
MATE = FACT | {"player_lookup": "mate"}
FINAL = {"game_date": DAY, "game_id": GAME, "is_final": True, "is_over": True}
FEATURES = {
    "game_date": DAY,
    "game_id": GAME,
    "player_lookup": "him",
    "points_avg_season": 20.1,
    "points_avg_last_5": 18.2,
    "points_avg_last_10": 19.3,
    "default_features": [],
}


def graded(predictions=(PREDICTION,), facts=(FACT, OPPONENT), games=(FINAL,), **inputs):
    """Grades, sorted by player and system."""
    given = {
        "player_prop_predictions": predictions,
        "player_game_summary": facts,
        "games": games,
        "ml_feature_store_v2": [FEATURES],
    }
    rows = computed(GRADES, DAY, DAY, given | inputs)
    return sorted(rows, key=lambda row: (row["player_lookup"], row["system_id"]))


def the_grade(prediction=None, fact=None, **inputs):
    """The one grade of the player, his prediction and facts changed as given."""
    his = [] if fact == "none" else [FACT | (fact or {})]
    facts = [*his, MATE, OPPONENT]
    [row] = graded([PREDICTION | (prediction or {})], facts, **inputs)
    return row


# What he did


def test_a_prediction_is_compared_with_the_points_scored():
    row = the_grade()
    assert (row["actual_points"], row["minutes_played"]) == (25, 34)
    assert float(row["signed_error"]) == -3.5
    assert float(row["absolute_error"]) == 3.5
    assert (row["within_3_points"], row["within_5_points"]) == (False, True)
    assert (float(row["predicted_margin"]), float(row["actual_margin"])) == (1.5, 5)
    assert row["prediction_correct"] is True
    assert (row["is_voided"], row["void_reason"]) == (False, None)


@pytest.mark.parametrize(
    ("recommendation", "points", "correct"),
    [
        ("OVER", 21, True),
        ("OVER", 19, False),
        ("OVER", 20, None),
        ("UNDER", 19, True),
        ("UNDER", 21, False),
        ("UNDER", 20, None),
        ("PASS", 25, None),
    ],
)
def test_only_decided_picks_are_right_or_wrong(recommendation, points, correct):
    row = the_grade({"recommendation": recommendation}, {"points": points})
    assert row["prediction_correct"] is correct
    assert not row["is_voided"]


def test_without_a_line_there_are_errors_but_no_verdict():
    row = the_grade(
        {"recommendation": "NO_LINE", "current_points_line": None, "has_prop_line": False}
    )
    assert float(row["absolute_error"]) == 3.5
    assert row["prediction_correct"] is row["line_value"] is row["actual_margin"] is None


def test_a_real_line_of_twenty_is_graded_like_any_other():
    assert the_grade({"current_points_line": 20.0})["prediction_correct"] is True


@pytest.mark.parametrize(
    ("confidence", "decile"), [(0.0, 1), (0.099, 1), (0.1, 2), (0.55, 6), (0.9, 10), (1.0, 10)]
)
def test_confidence_falls_into_tenths(confidence, decile):
    assert the_grade({"confidence_score": confidence})["confidence_decile"] == decile


def test_errors_of_exactly_three_and_five_are_within():
    assert the_grade({"predicted_points": 28.0})["within_3_points"] is True
    assert the_grade({"predicted_points": 30.0})["within_5_points"] is True
    assert the_grade({"predicted_points": 30.1})["within_5_points"] is False


def test_a_default_is_no_baseline():
    row = the_grade(
        ml_feature_store_v2=[
            FEATURES | {"default_features": ["fatigue_score", "points_avg_last_5"]}
        ]
    )
    assert row["points_avg_last_5"] is None
    assert (row["points_avg_season"], row["points_avg_last_10"]) == (20.1, 19.3)


# Whether he played


@pytest.mark.parametrize(
    ("fact", "void"),
    [
        ("none", True),
        ({"points": 0, "minutes_played": 1.0}, False),
        ({"points": 0, "minutes_played": 0.4}, False),
        ({"points": 2, "minutes_played": 0.0}, False),
        ({"points": 2, "minutes_played": None}, False),
        ({"points": 0, "minutes_played": None, "personal_fouls": 1}, False),
        ({"points": 0, "minutes_played": 0.0, "turnovers": 1}, False),
        ({"points": 0, "minutes_played": None}, True),
        ({"points": 0, "minutes_played": None, "assists": 0, "fg_attempts": 0}, True),
        ({"points": 0, "minutes_played": 0.0}, True),
    ],
)
def test_who_left_no_trace_in_the_box_score_did_not_play(fact, void):
    row = the_grade(fact=fact)
    assert row["is_voided"] is void
    assert (row["void_reason"] == "dnp_unknown") is void
    if void:
        for name in (
            "signed_error",
            "absolute_error",
            "within_3_points",
            "within_5_points",
            "actual_margin",
            "prediction_correct",
        ):
            assert row[name] is None
        assert float(row["predicted_margin"]) == 1.5


def test_a_bench_player_is_no_win_for_the_under():
    row = the_grade({"recommendation": "UNDER"}, "none")
    assert row["is_voided"]
    assert row["prediction_correct"] is row["actual_points"] is None
    assert (row["team_abbr"], row["opponent_team_abbr"]) == ("BOS", "ATL")


def test_who_played_elsewhere_that_day_did_not_play_this_game():
    elsewhere = FACT | {"game_id": OTHER_GAME, "team_abbr": "NYK", "opponent_team_abbr": "MIA"}
    [row] = graded(
        facts=[
            OPPONENT,
            MATE,
            elsewhere,
            elsewhere | {"player_lookup": "rival", "team_abbr": "MIA"},
        ],
        games=[FINAL, FINAL | {"game_id": OTHER_GAME}],
    )
    assert row["void_reason"] == "dnp_unknown"
    assert row["actual_points"] is None


CAPTURED = [
    # status, flag -> reason, flag, confirmed
    ("OUT", True, "dnp_injury_confirmed", True, True),
    ("DOUBTFUL", True, "dnp_injury_confirmed", True, True),
    ("QUESTIONABLE", True, "dnp_late_scratch", True, True),
    ("PROBABLE", True, "dnp_late_scratch", True, True),
    ("AVAILABLE", True, "dnp_unknown", True, False),
    (None, True, "dnp_unknown", True, False),
    ("PROBABLE", False, "dnp_unknown", False, False),
    ("PROBABLE", None, "dnp_unknown", False, False),
    ("AVAILABLE", False, "dnp_unknown", False, False),
    (None, False, "dnp_unknown", False, False),
]


@pytest.mark.parametrize(("status", "flag", "reason", "listed", "confirmed"), CAPTURED)
def test_the_status_captured_with_the_prediction_explains_a_void(
    status, flag, reason, listed, confirmed
):
    report = {"game_date": DAY, "player_lookup": "him", "injury_status": "out"}
    row = the_grade(
        {"injury_status_at_prediction": status, "injury_flag_at_prediction": flag},
        "none",
        injuries=[report],
    )
    assert row["void_reason"] == reason
    assert row["pre_game_injury_status"] == status
    assert row["pre_game_injury_flag"] is listed
    assert row["injury_confirmed_postgame"] is confirmed


REPORTED = [
    ("out", "dnp_injury_confirmed", True, True),
    ("doubtful", "dnp_injury_confirmed", True, True),
    ("questionable", "dnp_late_scratch", True, True),
    ("probable", "dnp_late_scratch", True, True),
    ("available", "dnp_unknown", False, False),
    (None, "dnp_unknown", False, False),
]


@pytest.mark.parametrize(("status", "reason", "listed", "confirmed"), REPORTED)
def test_without_a_capture_the_last_report_before_tip_explains_it(
    status, reason, listed, confirmed
):
    reports = [{"game_date": DAY, "player_lookup": "him", "injury_status": status}]
    row = the_grade(fact="none", injuries=reports if status else [])
    assert row["void_reason"] == reason
    assert row["pre_game_injury_status"] == (status.upper() if status else None)
    assert row["pre_game_injury_flag"] is listed
    assert row["injury_confirmed_postgame"] is confirmed


def test_a_listed_player_who_plays_is_graded():
    row = the_grade(
        {"injury_status_at_prediction": "QUESTIONABLE", "injury_flag_at_prediction": True}
    )
    assert not row["is_voided"]
    assert row["pre_game_injury_flag"]
    assert not row["injury_confirmed_postgame"]


# When it can be told


def test_nothing_is_graded_while_a_game_of_the_day_is_not_over():
    waiting = FINAL | {"game_id": OTHER_GAME, "is_final": False, "is_over": False}
    assert graded(games=[FINAL, waiting]) == []


def test_a_final_game_without_facts_waits_and_the_others_are_graded():
    elsewhere = PREDICTION | {"game_id": OTHER_GAME, "player_lookup": "another"}
    rows = graded([PREDICTION, elsewhere], games=[FINAL, FINAL | {"game_id": OTHER_GAME}])
    assert [row["player_lookup"] for row in rows] == ["him"]


def test_a_game_with_one_clubs_facts_waits():
    assert graded(facts=[FACT]) == []


def test_no_number_of_players_a_club_is_asked_for():
    assert len(graded(facts=[FACT, OPPONENT])) == 1


def test_a_prediction_of_a_game_that_left_the_day_is_void_with_that_reason():
    moved = PREDICTION | {
        "game_id": OTHER_GAME,
        "player_lookup": "another",
        "injury_status_at_prediction": "QUESTIONABLE",
        "injury_flag_at_prediction": True,
    }
    another, him = graded([PREDICTION, moved])
    assert (another["is_voided"], another["void_reason"]) == (True, "game_postponed")
    assert another["actual_points"] is another["prediction_correct"] is None
    assert not another["injury_confirmed_postgame"]
    assert not him["is_voided"]


def test_a_correction_of_the_box_score_is_a_new_grade():
    assert the_grade(fact={"points": 20})["prediction_correct"] is None
    assert the_grade(fact={"points": 21})["prediction_correct"] is True


# A day's record


def test_a_days_record_keeps_voids_and_pushes_out_of_its_rates():
    picks = [
        ("hit", "OVER", 25, 0.8),
        ("miss", "OVER", 15, 0.6),
        ("push", "OVER", 20, 0.8),
        ("under", "UNDER", 10, 0.7),
        ("passed", "PASS", 21, 0.9),
        ("absent", "UNDER", None, 0.9),
    ]
    predictions = [
        PREDICTION | {"player_lookup": name, "recommendation": pick, "confidence_score": sure}
        for name, pick, _, sure in picks
    ]
    facts = [
        FACT | {"player_lookup": name, "points": points}
        for name, _, points, _ in picks
        if points is not None
    ]
    rows = graded(predictions, [*facts, OPPONENT])
    kept = {column.name for column in GRADES.columns}
    [record] = computed(
        DAILY, DAY, DAY, {"prediction_accuracy": [{k: r[k] for k in kept} for r in rows]}
    )
    assert record["predictions_count"] == 5
    assert record["voided_count"] == 1
    assert record["recommendations_count"] == 4
    assert (record["correct_count"], record["incorrect_count"], record["push_count"]) == (2, 1, 1)
    assert record["win_rate"] == 0.667
    assert (record["over_win_rate"], record["under_win_rate"]) == (0.5, 1.0)
    assert (record["high_confidence_count"], record["high_confidence_correct"]) == (3, 2)
    assert record["high_confidence_win_rate"] == 1.0
    # Errors of 3.5, 6.5, 1.5, 11.5 and 0.5 points.
    assert record["mae"] == 4.7
    assert (record["within_3_count"], record["within_5_count"]) == (2, 3)


def test_a_day_of_voids_has_a_record_without_rates():
    rows = graded([PREDICTION], [MATE, OPPONENT])
    [record] = computed(DAILY, DAY, DAY, {"prediction_accuracy": rows})
    assert (record["predictions_count"], record["voided_count"]) == (0, 1)
    assert record["mae"] is record["win_rate"] is record["avg_confidence"] is None
