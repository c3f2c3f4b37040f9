"""Profiles of players: who has one, what counts in it, and that nothing of later days does."""

import pytest
from pydantic import ValidationError

from nba_backfill.publishing.players import player_profiles
from nba_backfill.publishing.players.player_profiles import TABLE, interpretation
from nba_backfill.publishing.players.profile_documents import IndexEntry
from nba_backfill_tests.publishing.player_rows import (
    DAY,
    before,
    documents,
    expected,
    forecast,
    graded,
    played,
    registered,
    scheduled,
)

TODAY = scheduled(DAY, "UTA", "DEN")


def run(player, days, **more):
    """Graded games of a player on the last so many days."""
    return [graded(before(n), player, **more) for n in range(days)]


@pytest.fixture(scope="module")
def rookies():
    """Players with 2 to 5 graded days, and one with 5 of which one is void."""
    grades = [*run("two", 2), *run("three", 3), *run("four", 4), *run("five", 5)]
    grades += [*run("void", 4), graded(before(9), "void", void=True)]
    return documents(TABLE, games=[TODAY], prediction_accuracy=grades)


def test_three_graded_days_list_a_player_and_five_give_him_a_file(rookies):
    listed = [entry["player_lookup"] for entry in rookies["players/index.json"]["players"]]
    assert listed == ["five", "four", "void", "three"]
    assert rookies["players/index.json"]["total_players"] == 4
    assert set(rookies) == {"players/index.json", "players/five.json"}


def test_a_player_nobody_registered_goes_by_his_lookup(rookies):
    assert rookies["players/five.json"]["player_full_name"] == "five"


def test_without_predictions_the_index_is_empty():
    found = documents(TABLE, games=[TODAY])
    assert found == {"players/index.json": found["players/index.json"]}
    assert found["players/index.json"] == {"total_players": 0, "players": []}


@pytest.fixture(scope="module")
def ann():
    """A player over two seasons: every kind of rest, place, line and result."""
    facts = [
        # Last season: two meetings with MIA.
        played(before(365), points=10, line=12.5, against="MIA", home=False),
        played(before(360), points=14, against="MIA"),
        # This one: its first game follows nothing, then 1, 2, 3 and 4 days later.
        played(before(40), points=30, line=20.5),
        played(before(39), points=0, line=20.5, fg_makes=0, fg_attempts=6, minutes_played=12.5),
        played(before(37), points=20, line=20, fg_makes=0, fg_attempts=0),
        played(before(34), points=40, line=20.5, against="MIA", home=False),
        played(before(30), points=25, offensive_rebounds=0, defensive_rebounds=4, turnovers=0),
        # Not known yet.
        played(before(-1), points=60, line=20.5),
    ]
    results = [
        scheduled(before(365), against="MIA", home=False, score=(90, 100)),
        scheduled(before(40), score=(100, 99)),
        scheduled(before(39), score=(99, 100)),
        scheduled(before(37), score=None),
        scheduled(before(34), against="MIA", home=False, score=(120, 80)),
        scheduled(before(-1), score=(120, 80)),
        TODAY,
    ]
    grades = [
        graded(before(40), pick="OVER", right=True, error=0.0),
        graded(before(39), pick="OVER", right=False, error=-4.0),
        graded(before(37), pick="UNDER", right=None, error=4.0),
        graded(before(34), pick="UNDER", right=False, error=-6.0),
        graded(before(30), pick="PASS", right=None, error=6.0),
        graded(before(-1), pick="OVER", right=True, error=50.0),
        graded(before(30), system_id="ensemble_v1", right=True, error=50.0),
    ]
    registry = [
        registered(name="Ann Old", season="2022-23"),
        registered(name="Ann Example", club="BOS"),
        registered(name="Ann Example", club="UTA"),
    ]
    found = documents(
        TABLE,
        games=results,
        player_game_summary=facts,
        prediction_accuracy=grades,
        nba_players_registry=registry,
    )
    return found["players/ann.json"]


def test_a_push_is_neither_won_nor_lost(ann):
    assert ann["summary"]["total_recommendations"] == 4
    assert (ann["summary"]["correct"], ann["summary"]["win_rate"]) == (1, 0.333)
    record = ann["our_track_record"]
    assert record["overall"] == {"wins": 1, "losses": 2, "pct": 0.333}
    assert record["over_calls"] == {"total": 2, "wins": 1, "losses": 1, "pct": 0.5}
    assert record["under_calls"] == {"total": 2, "wins": 0, "losses": 1, "pct": 0.0}


def test_a_perfect_prediction_and_no_bias_are_zero_and_counted(ann):
    assert (ann["summary"]["mae"], ann["summary"]["bias"]) == (4.0, 0.0)
    assert (ann["summary"]["within_3_pct"], ann["summary"]["within_5_pct"]) == (0.2, 0.6)


def test_only_the_champion_and_only_days_up_to_the_documents_count(ann):
    assert ann["our_track_record"]["total_predictions"] == 5
    assert ann["summary"]["date_range"] == {
        "first": str(before(40)),
        "last": str(before(30)),
    }
    assert ann["game_log"][0]["game_date"] == str(before(30))


def test_two_clubs_and_seasons_in_the_registry_are_one_player_by_his_newest_name(ann):
    assert ann["player_full_name"] == "Ann Example"
    assert len(ann["game_log"]) == 7


def test_a_team_wins_by_the_score_and_an_unknown_score_says_nothing(ann):
    by_day = {game["game_date"]: game["team_result"] for game in ann["game_log"]}
    assert by_day == {
        str(before(30)): None,
        str(before(34)): "W",
        str(before(37)): None,
        str(before(39)): "L",
        str(before(40)): "W",
        str(before(360)): None,
        str(before(365)): "L",
    }


def test_zero_is_a_value_and_no_attempt_is_none(ann):
    scoreless, no_shot = ann["game_log"][3], ann["game_log"][2]
    assert (scoreless["points"], scoreless["fg"], scoreless["margin"]) == (0, "0/6", -20.5)
    assert scoreless["minutes"] == 12.5
    assert (no_shot["fg"], no_shot["over_under"], no_shot["margin"]) == (None, "PUSH", 0.0)
    newest = ann["game_log"][0]
    assert (newest["rebounds"], newest["turnovers"], newest["assists"]) == (4, 0, None)


def test_rest_is_of_the_season_and_pushes_stand_in_no_rate(ann):
    rest = ann["splits"]["rest"]
    assert rest["b2b"] == {"avg": 0.0, "games": 1, "vs_line_pct": 0.0}
    assert rest["one_day"] == {"avg": 20.0, "games": 1, "vs_line_pct": None}
    assert rest["two_day"] == {"avg": 40.0, "games": 1, "vs_line_pct": 1.0}
    # 4 days this season, 5 in the last; an opening night is neither rested nor tired.
    assert rest["three_plus"] == {"avg": 19.5, "games": 2, "vs_line_pct": None}
    assert ann["splits"]["location"]["away"] == {"avg": 25.0, "games": 2, "vs_line_pct": 0.5}


def test_an_opponent_is_a_split_from_two_games_on(ann):
    assert ann["splits"]["opponents"] == [
        {"opponent": "NYK", "avg": 18.8, "games": 4, "vs_line_pct": 0.5},
        {"opponent": "MIA", "avg": 21.3, "games": 3, "vs_line_pct": 0.5},
    ]


def test_without_a_next_game_there_is_none(ann):
    assert ann["next_game"] is None


def test_the_game_log_holds_fifty_games():
    facts = [played(before(2 * n), points=n) for n in range(52)]
    found = documents(
        TABLE, games=[TODAY], player_game_summary=facts, prediction_accuracy=run("ann", 5)
    )
    log = found["players/ann.json"]["game_log"]
    assert len(log) == player_profiles.GAMES_LOGGED
    assert log[-1]["points"] == 49


def test_the_next_game_is_tonights_while_it_is_to_come_else_the_schedules():
    tomorrow = before(-1)
    fixture = {
        "game_id": "0022300001",
        "game_date": tomorrow,
        "home_team_tricode": "NYK",
        "away_team_tricode": "BOS",
    }
    found = documents(
        TABLE,
        games=[
            scheduled(DAY, score=None, home_next_game_date=tomorrow),
            scheduled(DAY, "UTA", "DEN", score=(99, 90), home_next_game_date=before(-2)),
            scheduled(before(1), "MIA", "CHI", home_next_game_date=tomorrow),
        ],
        player_game_summary=[
            played(before(4), "out"),
            played(before(4), "later", club="UTA"),
            *[played(before(4), name) for name in ("tonight", "unpredicted")],
        ],
        prediction_accuracy=[
            grade for name in ("tonight", "unpredicted", "out", "later") for grade in run(name, 5)
        ],
        upcoming_player_game_context=[expected(DAY, "tonight"), expected(DAY, "unpredicted")],
        player_prop_predictions=[forecast(DAY, "tonight")],
        nbac_schedule=[fixture],
    )
    next_games = {path: file.get("next_game") for path, file in found.items()}
    tonight = {
        "game_date": str(DAY),
        "game_id": f"{DAY:%Y%m%d}_NYK_BOS",
        "opponent": "NYK",
        "home_game": True,
        "has_prediction": True,
    }
    assert next_games["players/tonight.json"] == tonight
    assert next_games["players/unpredicted.json"] == tonight | {"has_prediction": False}
    # Who is not expected tonight plays next with his club; of UTA's next game nothing is known.
    assert next_games["players/out.json"] == {
        "game_date": str(tomorrow),
        "game_id": f"{tomorrow:%Y%m%d}_BOS_NYK",
        "opponent": "NYK",
        "home_game": False,
        "has_prediction": False,
    }
    assert next_games["players/later.json"] is None


@pytest.mark.parametrize(
    ("bias", "words"),
    [
        (0, "about right"),
        (-1, "about right"),
        (1.01, "Predicted over"),
        (-3, "Predicted under"),
        (3.01, "well over"),
        (-3.01, "well under"),
    ],
)
def test_bias_in_words(bias, words):
    summary = {"bias": bias, "win_rate": None, "total_recommendations": 0, "games_predicted": 5}
    assert words in interpretation(summary)["bias"]


@pytest.mark.parametrize(
    ("win_rate", "calls", "word"),
    [
        (0.85, 5, "Excellent"),
        (0.849, 5, "Good"),
        (0.7, 5, "Good"),
        (0.55, 5, "Average"),
        (0.549, 5, "Below average"),
        (0.0, 5, "Below average"),
        (1.0, 4, None),
        (None, 5, None),
    ],
)
def test_a_win_rate_is_judged_from_five_picks_on(win_rate, calls, word):
    summary = {"bias": 0, "win_rate": win_rate, "total_recommendations": calls}
    said = interpretation(summary | {"games_predicted": 5})["accuracy"]
    assert said is None if word is None else said.startswith(word)


@pytest.mark.parametrize(("games", "word"), [(4, "Few"), (5, "Moderate"), (15, "Large")])
def test_samples_in_words(games, word):
    summary = {"bias": 0, "win_rate": None, "total_recommendations": 0, "games_predicted": games}
    assert interpretation(summary)["sample_size"].startswith(word)


@pytest.mark.parametrize(
    "wrong",
    [
        {"win_rate": 66.7},
        {"mae": float("nan")},
        {"bias": float("inf")},
        {"team": "Boston"},
        {"games_predicted": -1},
        {"games_predicted": "5"},
        {"player_lookup": "ann-example"},
        {"more": 1},
    ],
)
def test_a_figure_of_another_unit_or_shape_breaks_the_contract(rookies, wrong):
    entry = rookies["players/index.json"]["players"][0]
    assert IndexEntry.model_validate(entry)
    with pytest.raises(ValidationError):
        IndexEntry.model_validate(entry | wrong)
    with pytest.raises(ValidationError):
        IndexEntry.model_validate({key: entry[key] for key in entry if key != "mae"})
