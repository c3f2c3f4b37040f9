"""Tendencies of clubs: which games count for which block, and who is at which end."""

import pytest

from nba_backfill.publishing.snapshots.team_tendencies import TABLE
from nba_backfill_tests.publishing.player_rows import DAY, before
from nba_backfill_tests.publishing.trend_rows import document, shaped


def game(days_ago, club="BOS", points=110, *, home=True, pace=100.0, **more):
    return {
        "game_date": before(days_ago),
        "season_year": 2023,
        "team_abbr": club,
        "home_game": home,
        "points_scored": points,
        "pace": pace,
    } | more


def zone(days_ago, club="BOS", paint=0.6, three=0.35, games=15, allowed=112.5):
    return {
        "analysis_date": before(days_ago),
        "team_abbr": club,
        "paint_pct_allowed_last_15": paint,
        "three_pt_pct_allowed_last_15": three,
        "opponent_points_per_game": allowed,
        "games_in_sample": games,
    }


def tendencies(rows, zones=()):
    return document(TABLE, team_offense_game_summary=rows, team_defense_zone_analysis=zones)


def club(name, **figures):
    """A gathered row of a club without games, but for the figures that matter."""
    none = {
        "as_of_date": DAY,
        "team_abbr": name,
        "pace_sum": None,
        "zone_games": None,
        "paint_share": None,
        "perimeter_share": None,
        "opponent_points": None,
        "pace_points": 0,
    }
    for kind in ("home", "away", "b2b", "rested"):
        none |= {f"{kind}_games": 0, f"{kind}_points": 0}
    return none | {"pace_games": 0} | figures


def teams(players):
    return [player["team"] for player in players]


def test_pace_is_the_mean_of_thirty_days_and_needs_five_games():
    rows = [game(n, pace=98.0 + n) for n in range(4)]
    (king,) = tendencies([*rows, game(30, pace=104.0), game(31, pace=150.0)])["pace"]["kings"]
    assert (king["pace"], king["games"], king["avg_points"]) == (100.4, 5, 110.0)
    assert tendencies([*rows, game(31)])["pace"]["kings"] == []


def test_a_game_of_unknown_pace_is_none_of_the_five():
    rows = [game(n) for n in range(4)]
    assert tendencies([*rows, game(5, pace=None)])["pace"]["kings"] == []


def test_the_league_is_the_mean_of_clubs_and_the_ends_are_five_each():
    rows = [
        club(f"A{'ABCDEFGHIJKL'[n]}A", pace_games=5, pace_sum=5.0 * (95 + n)) for n in range(12)
    ]
    rows[0] |= {"pace_games": 50, "pace_sum": 50.0 * 95}
    pace = shaped(TABLE, rows)["pace"]
    assert pace["league_average"] == 100.5
    assert teams(pace["kings"]) == ["ALA", "AKA", "AJA", "AIA", "AHA"]
    assert teams(pace["grinders"]) == ["AAA", "ABA", "ACA", "ADA", "AEA"]
    assert (pace["kings"][0]["vs_league"], pace["grinders"][0]["vs_league"]) == (5.5, -5.5)
    assert pace["grinders"][0]["insight"] == "5.5 possessions fewer than the average club"


def test_clubs_of_one_pace_are_ordered_by_name_at_both_ends():
    rows = [club(name, pace_games=5, pace_sum=500.0) for name in ("CHI", "ATL", "BOS")]
    pace = shaped(TABLE, rows)["pace"]
    assert teams(pace["kings"]) == teams(pace["grinders"]) == ["ATL", "BOS", "CHI"]
    assert pace["kings"][0]["vs_league"] == 0.0


def test_a_zone_is_told_by_the_newest_row_of_a_club_only():
    rows = [game(1), game(1, "NYK")]
    zones = [zone(0, paint=0.5), zone(2, paint=0.7), zone(3, "NYK", paint=0.6)]
    paint = tendencies(rows, zones)["defense_by_zone"]["paint"]
    assert [(c["team"], c["dfg_pct"]) for c in paint["best"]] == [("BOS", 50.0), ("NYK", 60.0)]
    assert teams(paint["worst"]) == ["NYK", "BOS"]
    assert (paint["best"][0]["opp_ppg"], paint["best"][0]["games"]) == (112.5, 15)


def test_a_zone_needs_five_games_a_share_and_a_row_of_thirty_days():
    def best(**more):
        return teams(tendencies([game(1)], [zone(**more)])["defense_by_zone"]["paint"]["best"])

    assert best(days_ago=30, games=5) == ["BOS"]
    assert best(days_ago=31) == []
    assert best(days_ago=1, games=4) == []
    assert best(days_ago=1, paint=None) == []


def test_a_zone_in_which_nothing_went_in_is_a_zone():
    (found,) = tendencies([game(1)], [zone(1, three=0.0)])["defense_by_zone"]["perimeter"]["best"]
    assert found["dfg_pct"] == 0.0


def test_home_and_away_count_sixty_days_and_need_five_games_each():
    home, away = (
        [game(n, points=120) for n in range(1, 5)],
        [game(n, points=100, home=False) for n in range(11, 16)],
    )
    (found,) = tendencies([*home, *away, game(60, points=120)])["home_away"]["home_dominant"]
    assert (found["home_ppg"], found["away_ppg"], found["differential"]) == (120.0, 100.0, 20.0)
    assert tendencies([*home, *away, game(61)])["home_away"]["home_dominant"] == []


def test_the_greatest_gain_at_home_leads_one_list_and_the_least_the_other():
    rows = [
        club(name, home_games=5, home_points=points, away_games=5, away_points=500)
        for name, points in (("ATL", 480), ("BOS", 550), ("CHI", 500))
    ]
    sides = shaped(TABLE, rows)["home_away"]
    assert teams(sides["home_dominant"]) == ["BOS", "CHI", "ATL"]
    assert teams(sides["road_warriors"]) == ["ATL", "CHI", "BOS"]
    assert sides["road_warriors"][0]["differential"] == -4.0


def test_back_to_backs_need_three_games_and_five_rested_ones_of_ninety_days():
    # Pairs of days: the second of each is tired, the first rested but for the oldest.
    def block(pairs, *more):
        rows = [game(1 + 10 * n, points=100) for n in range(pairs)]
        rows += [game(2 + 10 * n, points=110) for n in range(pairs)]
        return tendencies([*rows, *more])["back_to_back"]["vulnerable"]

    assert block(3, game(33), game(35)) == [], "four rested games"
    (found,) = block(3, game(33, points=110), game(35, points=110), game(37, points=110))
    assert (found["b2b_ppg"], found["rested_ppg"], found["impact"]) == (100.0, 110.0, -10.0)
    assert found["b2b_games"] == 3
    assert block(2, *[game(33 + 2 * n) for n in range(9)]) == [], "two on back-to-backs"


def test_ninety_days_are_the_window_and_its_first_game_has_no_rest():
    rows = [game(n, points=100) for n in (1, 11, 90)] + [game(n, points=110) for n in (2, 12, 91)]
    rows += [game(n, points=110) for n in (20, 22, 24, 26)]
    # That of 90 days ago came a day after one that is out of sight: two back-to-backs are left.
    assert tendencies(rows)["back_to_back"]["vulnerable"] == []


@pytest.mark.parametrize(("block", "first"), [("vulnerable", "ATL"), ("resilient", "BOS")])
def test_who_loses_most_on_back_to_backs_is_vulnerable(block, first):
    rows = [
        club(name, b2b_games=3, b2b_points=points, rested_games=5, rested_points=550)
        for name, points in (("ATL", 300), ("BOS", 345))
    ]
    assert teams(shaped(TABLE, rows)["back_to_back"][block])[0] == first


def test_a_day_without_games_has_empty_lists_in_every_block():
    zones = {"best": [], "worst": []}
    assert tendencies([]) == {
        "as_of_date": "2024-01-15",
        "pace": {"kings": [], "grinders": [], "league_average": None},
        "defense_by_zone": {"paint": zones, "perimeter": zones},
        "home_away": {"home_dominant": [], "road_warriors": []},
        "back_to_back": {"vulnerable": [], "resilient": []},
    }
