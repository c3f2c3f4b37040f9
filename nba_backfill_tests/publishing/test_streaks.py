"""Runs against the line and of right picks: what continues, what breaks, what does not count."""

from nba_backfill.publishing.snapshots.streaks import TABLE
from nba_backfill_tests.publishing.player_rows import before, graded, played
from nba_backfill_tests.publishing.trend_rows import decided, document, run


def streaks(rows=(), picks=()):
    return document(TABLE, player_game_summary=rows, prediction_accuracy=picks)


def lengths(rows, side="over"):
    return {s["player_lookup"]: s["streak_length"] for s in streaks(rows)["streaks"][side]}


def hits(*right, player="ann", **more):
    """Picks of days before, the newest first."""
    return [graded(before(2 * n + 1), player, right=r, **more) for n, r in enumerate(right)]


def hit_lengths(picks):
    found = streaks(picks=picks)["streaks"]["prediction_hits"]
    return {s["player_lookup"]: s["streak_length"] for s in found}


def test_four_on_one_side_are_a_streak_and_three_are_none():
    rows = [*run(1, 1, 1, 1, -1, player="ann"), *run(1, 1, 1, -1, 1, player="bob")]
    rows += [*run(-1, -1, -1, -1, player="cyd"), *run(-1, -1, -1, player="dee")]
    assert lengths(rows) == {"ann": 4}
    assert lengths(rows, "under") == {"cyd": 4}


def test_a_push_neither_continues_a_run_nor_breaks_it():
    assert lengths(run(1, 1, 0, 1, 1, -1)) == {"ann": 4}
    assert lengths(run(0, 1, 1, 1, -1)) == {}
    games = streaks(run(1, 1, 0, 1, 1))["streaks"]["over"][0]["games"]
    assert [game["points"] for game in games] == [21, 21, 21, 21]


def test_a_game_without_a_line_neither_continues_a_run_nor_breaks_it():
    assert lengths([*run(1, 1, 1, 1), played(before(2), points=3)]) == {"ann": 4}


def test_the_game_of_the_day_itself_counts():
    assert lengths([decided(0, 1), *run(1, 1, 1)]) == {"ann": 4}


def test_at_most_twenty_games_are_looked_at():
    assert lengths(run(*[1] * 21)) == {"ann": 20}
    assert lengths(run(*[1] * 10, 0, *[1] * 10)) == {"ann": 20}, "a push is none of them"


def test_a_run_begins_with_the_season():
    last_season = [decided(n, 1) for n in (240, 242, 244)]
    assert lengths([*run(1, 1, 1), *last_season]) == {}


def test_a_traded_player_is_one_player_of_his_newest_club():
    rows = [*run(1, 1, first=5, club="LAL"), *run(1, 1, club="BOS")]
    (found,) = streaks(rows)["streaks"]["over"]
    assert (found["team"], found["streak_length"]) == ("BOS", 4)


def test_the_newest_game_gives_the_club_also_without_a_line():
    rows = [*run(1, 1, 1, 1, first=2, club="LAL"), played(before(1), club="MIA")]
    assert streaks(rows)["streaks"]["over"][0]["team"] == "MIA"


def test_the_margin_is_the_mean_of_the_run_only_and_the_games_are_its_newest_five():
    (found,) = streaks(run(1, 2, 3, 4, 5, 6, -9))["streaks"]["over"]
    assert found["avg_margin"] == 3.5
    assert [game["points"] for game in found["games"]] == [21, 22, 23, 24, 25]
    assert found["games"][0] == {
        "game_date": str(before(1)),
        "points": 21,
        "line": 20.0,
        "opponent": "NYK",
    }


def test_longer_runs_come_first_then_greater_margins_then_names():
    rows = [*run(1, 1, 1, 1, player="bob"), *run(1, 1, 1, 1, player="ann")]
    rows += [*run(2, 2, 2, 2, player="cyd"), *run(1, 1, 1, 1, 1, player="dee")]
    assert list(lengths(rows)) == ["dee", "cyd", "ann", "bob"]


def test_lists_have_room_for_fifty_and_the_totals_count_all():
    rows = [row for n in range(51) for row in run(1, 1, 1, 1, player=f"p{n:02d}")]
    found = streaks(rows)
    assert len(found["streaks"]["over"]) == 50
    assert found["summary"]["total_over_streaks"] == 51
    assert found["summary"]["longest_over"] == 4


def test_four_right_picks_are_a_streak_and_three_are_none():
    assert hit_lengths(hits(True, True, True, True, False)) == {"ann": 4}
    assert hit_lengths(hits(True, True, True, False, True)) == {}
    assert hit_lengths(hits(False, True, True, True, True)) == {}


def test_pushes_voids_and_passes_are_no_picks_that_failed():
    picks = [*hits(True, None, True, True, True), graded(before(2), right=None, void=True)]
    picks += [graded(before(4), pick="PASS", right=None), graded(before(6), pick="PASS")]
    assert hit_lengths(picks) == {"ann": 4}


def test_picks_of_other_systems_and_of_after_the_day_do_not_count():
    assert hit_lengths(hits(True, True, True, True, system_id="xgboost_v1")) == {}
    assert hit_lengths([*hits(True, True, True), graded(before(-1))]) == {}


def test_right_picks_run_on_from_season_to_season_and_to_twenty():
    assert hit_lengths([*hits(True, True), graded(before(250)), graded(before(252))]) == {"ann": 4}
    assert hit_lengths(hits(*[True] * 25)) == {"ann": 20}


def test_a_player_of_right_picks_has_the_name_and_club_of_his_newest_game():
    rows = [played(before(1), player_full_name="Ann Example", club="MIA")]
    (found,) = streaks(rows, hits(True, True, True, True))["streaks"]["prediction_hits"]
    assert found == {
        "player_lookup": "ann",
        "player_full_name": "Ann Example",
        "team": "MIA",
        "streak_length": 4,
        "streak_type": "correct",
    }


def test_a_day_without_runs_has_the_full_empty_document():
    none = {"total_over_streaks": 0, "total_under_streaks": 0, "total_prediction_streaks": 0}
    assert streaks() == {
        "as_of_date": "2024-01-15",
        "min_streak_length": 4,
        "streaks": {"over": [], "under": [], "prediction_hits": []},
        "summary": none | {"longest_over": 0, "longest_under": 0, "longest_prediction": 0},
    }
