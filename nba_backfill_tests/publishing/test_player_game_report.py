"""Reports of one game: what was known before it, ranks and tiers of defences, and its end."""

import pytest

from nba_backfill.publishing.players.player_game_report import TABLE, angles
from nba_backfill_tests.publishing.player_rows import (
    DAY,
    before,
    documents,
    expected,
    forecast,
    game_id,
    graded,
    played,
    registered,
    scheduled,
    verdict,
)

CLUBS = [f"C{n:02}" for n in range(28)]


def path(player):
    return f"players/{player}/game-report/{DAY}.json"


def defence(day, club, rating, paint, threes):
    """How a club defended before a day."""
    return {
        "analysis_date": day,
        "team_abbr": club,
        "defensive_rating_last_15": rating,
        "opponent_points_per_game": rating,
        "paint_pct_allowed_last_15": paint,
        "three_pt_pct_allowed_last_15": threes,
        "opponent_pace": 99.96,
    }


@pytest.fixture(scope="module")
def reports():
    """A day with a game that is over, one to come, and a league of 30 defences with two rows each."""
    league = []
    for place, club in enumerate([*CLUBS, "NYK", "BOS"]):
        # Everybody was best once, long ago; NYK is the 29th of now, in threes the tenth.
        threes = 0.34 if club == "NYK" else 0.30 if place < 9 else 0.36 + place / 1000
        league.append(defence(before(20), club, 90, 0.5, 0.3))
        league.append(defence(DAY, club, 100 + place, 0.55 + place / 1000, threes))
    history = [
        played(before(400), points=11, line=10.5),
        played(before(399), points=9, line=9),
        *[played(before(20 + n), points=20, line=20.5) for n in range(5)],
        *[played(before(5 + n), points=30, line=20.5, against="MIA") for n in range(4)],
        played(before(4), points=25, line=25, against="MIA", minutes_played=0),
        played(before(-1), points=60),
    ]
    later = {"club": "UTA", "against": "DEN"}
    return documents(
        TABLE,
        games=[scheduled(DAY), scheduled(DAY, "UTA", "DEN", score=None)],
        player_game_summary=[*history, played(DAY, points=22, line=22)],
        upcoming_player_game_context=[
            expected(DAY),
            expected(DAY, "sat"),
            expected(DAY, "unknown"),
            expected(DAY, "later", **later),
            expected(DAY, "unseen", **later),
        ],
        player_prop_predictions=[
            forecast(DAY, line=22),
            forecast(DAY, "later", game_id=game_id(DAY, "UTA", "DEN", at_home=True)),
        ],
        prediction_accuracy=[graded(DAY, right=None)],
        player_shot_zone_analysis=[
            {
                "analysis_date": DAY,
                "player_lookup": "ann",
                "paint_rate_last_10": 50,
                "mid_range_rate_last_10": 0,
                "three_pt_rate_last_10": 50,
            }
        ],
        team_defense_zone_analysis=league,
        nba_players_registry=[
            registered(name, season=season)
            for name in ("ann", "sat", "later", "unseen")
            for season in ("2022-23", "2023-24")
        ],
    )


def test_everybody_expected_has_one_report(reports):
    assert set(reports) == {path(p) for p in ("ann", "sat", "unknown", "later", "unseen")}


def test_a_rank_is_one_of_thirty_however_many_rows_a_club_has(reports):
    assert reports[path("ann")]["opponent_context"]["opp_def_rank"] == 29


def test_each_zone_has_its_own_thirds_of_the_league(reports):
    context = reports[path("ann")]["opponent_context"]
    # 57.8 % in the paint is among the worst ten, 34 % of threes the tenth best.
    assert context["opp_paint_defense"] == "weak"
    assert context["opp_perimeter_defense"] == "strong"
    assert context["opp_pace"] == 100.0


def test_means_are_of_the_season_before_the_day(reports):
    ann = reports[path("ann")]
    assert ann["moving_averages"] == {"l5": 29.0, "l10": 24.5, "l20": 24.5, "season": 24.5}
    assert ann["player_profile"]["season_ppg"] == 24.5
    assert ann["is_home"] is True
    assert ann["player_profile"]["shot_profile"] == "interior"


def test_recent_games_end_before_the_day(reports):
    recent = reports[path("ann")]["recent_games"]
    assert [game["date"] for game in recent] == [str(before(n)) for n in (4, 5, 6, 7, 8)]
    assert (recent[0]["result"], recent[0]["minutes"]) == ("PUSH", 0.0)


def test_earlier_meetings_are_of_all_seasons_and_pushes_stand_in_no_rate(reports):
    assert reports[path("ann")]["head_to_head"] == {
        "games": 7,
        "avg_points": 17.1,
        "avg_line": 17.4,
        "over_rate": 0.17,
    }


def test_a_push_has_a_margin_of_zero_and_no_verdict(reports):
    assert reports[path("ann")]["result"] == {"actual": 22, "margin": 0.0, "correct": None}


def test_before_the_game_there_is_a_forecast_and_no_result(reports):
    later = reports[path("later")]
    assert later["error"] is None
    assert later["result"] is None
    assert later["prop_line"] == {
        "line": 20.5,
        "recommendation": "OVER",
        "predicted": 22.5,
        "confidence": 0.8,
    }
    assert later["head_to_head"]["games"] == 0
    assert later["moving_averages"]["season"] is None
    assert reports[path("unseen")]["prop_line"] is None


def test_who_did_not_play_and_whom_nobody_knows_have_only_an_error(reports):
    sat, unknown = reports[path("sat")], reports[path("unknown")]
    assert sat["error"] == "the game is over, and he did not play in it"
    assert unknown["error"] == "the registry does not know this player"
    assert set(sat) == set(unknown) == set(reports[path("ann")])
    for report in (sat, unknown):
        assert (report["prop_line"], report["result"], report["recent_games"]) == (None, None, [])


ROW = {
    "opponent": "NYK",
    "opp_paint_defense": "average",
    "opp_perimeter_defense": "average",
    "points_last_5": 20,
    "points_season": 20,
    "opp_pace": 99,
}


@pytest.mark.parametrize(
    ("results", "supporting", "against"),
    [
        (["OVER"] * 3 + ["UNDER"] * 2, 1, 0),
        (["OVER"] * 2 + ["PUSH"] * 3, 0, 0),
        (["UNDER"] * 3 + ["PUSH", None], 0, 1),
    ],
)
def test_three_results_of_five_are_an_angle(results, supporting, against):
    found = angles(ROW, "balanced", results)
    assert (len(found["supporting"]), len(found["against"])) == (supporting, against)


@pytest.mark.parametrize(
    ("change", "supporting", "against"),
    [
        ({"points_last_5": 23}, 1, 0),
        ({"points_last_5": 22.9}, 0, 0),
        ({"points_last_5": 17}, 0, 1),
        ({"points_last_5": 17.1}, 0, 0),
        ({"points_last_5": 0, "points_season": 0}, 0, 0),
        ({"points_last_5": None, "points_season": None}, 0, 0),
        ({"opp_pace": 102}, 1, 0),
        ({"opp_pace": 101.9}, 0, 0),
        ({"opp_pace": 96}, 0, 1),
        ({"opp_pace": 96.1}, 0, 0),
        ({"opp_pace": None}, 0, 0),
        ({"opp_paint_defense": "weak"}, 1, 0),
        ({"opp_paint_defense": "strong"}, 0, 1),
        ({"opp_perimeter_defense": "weak"}, 0, 0),
    ],
)
def test_trend_pace_and_match_up_are_angles(change, supporting, against):
    found = angles(ROW | change, "interior", [verdict(20, None)] * 5)
    assert (len(found["supporting"]), len(found["against"])) == (supporting, against)


def test_no_more_than_three_angles_are_shown():
    row = ROW | {"opp_paint_defense": "weak", "points_last_5": 40, "opp_pace": 110}
    assert len(angles(row, "interior", ["OVER"] * 5)["supporting"]) == 3
