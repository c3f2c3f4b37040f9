"""Hot and cold: the score, who qualifies, and lists that share nobody."""

import datetime as dt

import pytest

from nba_backfill.publishing.snapshots.whos_hot import TABLE, heat_score
from nba_backfill_tests.publishing.player_rows import DAY, before, played, scheduled
from nba_backfill_tests.publishing.trend_rows import TONIGHT, decided, document, run


def hot(rows, **more):
    return document(TABLE, player_game_summary=rows, **more)


def names(players):
    return [player["player_lookup"] for player in players]


def player_of(rows, player="ann", **more):
    """His entry among a second player's, without whom nobody would be in a list."""
    found = hot([*rows, *run(-9, -9, -9, -9, -9, player="zoe", club="LAL")], **more)
    return next(p for p in [*found["hot"], *found["cold"]] if p["player_lookup"] == player)


def test_the_score_is_half_rate_a_quarter_run_a_quarter_margin():
    # 4 of 5 over, the newest 2 in a row, 1 point more on average.
    found = player_of(run(1, 3, -4, 2, 3))
    assert found["heat_score"] == round(10 * (0.5 * 0.8 + 0.25 * 0.2 + 0.25 * 11 / 20), 1)
    assert (found["hit_rate"], found["hit_rate_games"], found["avg_margin"]) == (0.8, 5, 1.0)
    assert (found["current_streak"], found["streak_direction"]) == (2, "over")


def test_a_run_of_unders_adds_no_heat():
    found = player_of(run(-2, -2, -2, -2, -2))
    assert found["heat_score"] == 1.0  # 2.5 x 8 / 20, nothing for the run
    assert (found["current_streak"], found["streak_direction"]) == (5, "under")


@pytest.mark.parametrize(
    ("rate", "overs", "margin", "score"),
    [
        (1, 10, 10, 10.0),
        (1, 11, 10, 10.0),
        (1, 10, 30, 10.0),
        (0, 0, -10, 0.0),
        (0, 0, -30, 0.0),
        (0, 9, -10, 2.2),
    ],
)
def test_run_and_margin_count_up_to_ten(rate, overs, margin, score):
    assert heat_score(rate, overs, margin) == score


def test_five_decided_games_qualify_and_four_with_a_push_do_not():
    rows = [*run(1, 1, 1, 1, 1, player="ann"), *run(1, 1, 0, 1, 1, player="bob")]
    assert hot(rows)["total_qualifying_players"] == 1


def test_the_window_is_the_day_and_the_thirty_before_it():
    four = run(1, 1, 1, 1)
    assert hot([*four, decided(30, 1)])["total_qualifying_players"] == 1
    assert hot([*four, decided(31, 1)])["total_qualifying_players"] == 0
    assert hot([*four, decided(0, 1)])["total_qualifying_players"] == 1


def test_a_push_does_not_end_a_run_and_is_no_game_of_the_rate():
    found = player_of(run(1, 0, 1, 1, -1, 1))
    assert (found["current_streak"], found["hit_rate_games"]) == (3, 5)


def test_no_player_is_hot_and_cold():
    three = [row for player in ("ann", "bob", "cyd") for row in run(1, 1, 1, 1, 1, player=player)]
    found = hot(three)
    assert (names(found["hot"]), names(found["cold"])) == (["ann"], ["bob"])


def test_the_lists_hold_ten_the_coldest_first_and_rank_anew():
    rows = [row for n in range(24) for row in run(*[n - 12.5] * 5, player=f"p{n:02d}", line=20.5)]
    found = hot(rows)
    assert names(found["hot"])[:2] == ["p23", "p22"]
    assert names(found["cold"])[:3] == ["p00", "p01", "p02"]  # all beyond 10 points, equal
    for players in (found["hot"], found["cold"]):
        assert [player["rank"] for player in players] == list(range(1, 11))
    assert not set(names(found["hot"])) & set(names(found["cold"]))


def test_of_equal_scores_the_one_of_more_games_comes_first_in_both_lists():
    rows = run(*[-20] * 6, player="bob") + run(*[-20] * 5, player="ann")
    rows += run(*[-20] * 5, player="cyd") + run(*[-20] * 7, player="dee")
    found = hot(rows)
    assert (names(found["hot"]), names(found["cold"])) == (["dee", "bob"], ["ann", "cyd"])


def test_a_traded_player_has_the_club_of_his_newest_game_and_its_game_tonight():
    rows = [*run(1, 1, 1, 1, 1, first=3, club="WAS"), played(before(1), club="BOS")]
    found = player_of(rows)
    assert (found["team_abbr"], found["hit_rate_games"]) == ("BOS", 5)
    assert found["playing_tonight"] is True


def test_tonights_tip_off_is_told_by_the_eastern_clock():
    tonight = {"opponent": "NYK", "game_time": "7:30 PM ET", "home": True}
    assert player_of(run(1, 1, 1, 1, 1))["tonight"] == tonight
    summer = dt.date(2024, 4, 12)
    tip = dt.datetime(2024, 4, 12, 16, 5, tzinfo=dt.UTC)
    rows = [decided(n, 1, player, day=summer) for player in ("ann", "bob") for n in range(1, 6)]
    found = document(
        TABLE,
        summer,
        player_game_summary=rows,
        games=[scheduled(summer, "NYK", "BOS", score=None, tip_at=tip)],
    )
    tonight = {"opponent": "NYK", "game_time": "12:05 PM ET", "home": False}
    assert found["hot"][0]["tonight"] == tonight


def test_an_unknown_tip_off_has_no_time_and_a_day_off_no_game():
    unknown = player_of(run(1, 1, 1, 1, 1), games=[scheduled(DAY, score=None)])
    assert unknown["tonight"]["game_time"] is None
    away = player_of(run(1, 1, 1, 1, 1, club="MIA"))
    assert (away["tonight"], away["playing_tonight"]) == (None, False)


def test_the_league_is_the_mean_of_players_not_of_games():
    rows = [*run(*[2] * 9, player="ann"), *run(*[-4] * 5, player="bob")]
    assert hot(rows)["league_average"] == {"hit_rate": 0.5, "avg_margin": -1.0}


def test_a_day_without_qualifying_players_has_the_full_empty_document():
    assert hot([], games=TONIGHT) == {
        "as_of_date": "2024-01-15",
        "time_period": "last_30_days",
        "min_games": 5,
        "total_qualifying_players": 0,
        "hot": [],
        "cold": [],
        "league_average": {"hit_rate": None, "avg_margin": None},
    }
