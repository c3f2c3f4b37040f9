"""What matters: who belongs to an archetype, which cells are told, and what stands out."""

import pytest

from nba_backfill.publishing.snapshots.what_matters import (
    NOTHING_STANDS_OUT,
    TABLE,
    archetype_of,
)
from nba_backfill_tests.by_hand import computed
from nba_backfill_tests.publishing.player_rows import DAY, before, played, scheduled
from nba_backfill_tests.publishing.trend_rows import decided, document, run, shaped

CELLS = ("all", "b2b", "one_day", "rested", "home", "away")


def matters(rows, **more):
    return document(TABLE, player_game_summary=rows, **more)


def star(rows):
    return matters(rows)["archetypes"]["star"]


def player(points=25, games=20, name="ann", recent=0, recent_points=0, **cells):
    """A gathered row: points per game, and (games, overs) of the cells that matter."""
    row = {
        "as_of_date": None,
        "player_lookup": name,
        "player_full_name": name.title(),
        "games": games,
        "points": points * games,
        "games_90": recent,
        "points_90": recent_points * recent,
    }
    for cell in CELLS:
        row[f"{cell}_games"], row[f"{cell}_overs"] = cells.get(cell, (0, 0))
    return row


def of_rows(*rows):
    return shaped(TABLE, [row | {"as_of_date": DAY} for row in rows])


@pytest.mark.parametrize(
    ("points", "name"),
    [
        (440, "star"),
        (439, "scorer"),
        (300, "scorer"),
        (299, "rotation"),
        (160, "rotation"),
        (159, "role_player"),
        (0, "role_player"),
    ],
)
def test_an_archetype_begins_with_its_least_points_per_game(points, name):
    assert archetype_of(points, 20) == name


def test_twenty_games_of_a_year_make_a_member_whether_they_had_a_line_or_not():
    lined = [decided(n, 5) for n in range(1, 20)]
    assert star(lined)["player_count"] == 0
    assert star([*lined, played(before(40), points=25)])["player_count"] == 1
    assert star([*lined, played(before(365), points=25)])["player_count"] == 1
    assert star([*lined, played(before(366), points=25)])["player_count"] == 0


def test_the_rate_leaves_pushes_and_games_without_a_line_out():
    rows = [*run(*[5] * 9, *[2] * 3, line=20), *run(*[0] * 8, first=40, line=25)]
    assert star(rows)["overall_over_pct"] == 100.0
    assert star([played(before(n), points=30) for n in range(1, 25)])["overall_over_pct"] is None


def test_rest_is_measured_between_all_games_not_between_those_with_a_line():
    # Every game with a line follows one without, the day before; between lines are three days.
    rows = [decided(3 * n, 5) for n in range(1, 21)]
    rows += [played(before(3 * n + 1), points=25) for n in range(1, 21)]
    assert star(rows)["factors"]["rest"] == {"b2b": {"games": 20, "over_pct": 100.0}}


def test_rest_is_days_off_none_one_or_more_and_unknown_in_the_first_game():
    by_gap = {1: "b2b", 2: "one_day", 3: "rested", 4: "rested"}
    for gap, name in by_gap.items():
        rows = [decided(1 + gap * n, 5) for n in range(21)]
        assert star(rows)["factors"]["rest"] == {name: {"games": 20, "over_pct": 100.0}}


def test_rest_before_the_first_game_of_the_year_is_unknown_also_in_a_range_of_days():
    rows = [decided(365, 5), decided(366, 5)]
    tonight = [scheduled(before(n), score=None) for n in (0, 1)]
    found = computed(TABLE, before(1), DAY, games=tonight, player_game_summary=rows)
    tired = {row["as_of_date"]: row["b2b_games"] for row in found}
    assert tired == {before(1): 1, DAY: 0}


def test_a_cell_of_rest_needs_twenty_games_and_one_of_a_side_fifty():
    enough = of_rows(player(all=(100, 50), b2b=(20, 13), home=(50, 30)))
    assert enough["archetypes"]["star"]["factors"] == {
        "rest": {"b2b": {"games": 20, "over_pct": 65.0}},
        "home_away": {"home": {"games": 50, "over_pct": 60.0}},
    }
    few = of_rows(player(all=(100, 50), b2b=(19, 13), home=(49, 30)))
    assert few["archetypes"]["star"]["factors"] == {"rest": {}, "home_away": {}}


def test_a_side_is_the_one_of_the_game():
    rows = [decided(n, 5, home=n % 2 == 0) for n in range(1, 101)]
    assert star(rows)["factors"]["home_away"] == {
        "home": {"games": 50, "over_pct": 100.0},
        "away": {"games": 50, "over_pct": 100.0},
    }


def test_examples_are_the_five_who_score_most_lately():
    rows = [player(name=f"p{n}", recent=10, recent_points=20 + n) for n in range(6)]
    rows += [player(name="tie", recent=10, recent_points=25)]
    rows += [player(name="seldom", recent=9, recent_points=40)]
    found = of_rows(*rows)["archetypes"]["star"]
    assert found["example_players"] == ["P5", "Tie", "P4", "P3", "P2"]


def test_the_last_ninety_days_make_examples():
    year = [decided(n, 5) for n in range(100, 111)]
    nine = [decided(n, 5) for n in range(1, 10)]
    assert star([*year, *nine, decided(90, 5)])["example_players"] == ["ann"]
    assert star([*year, *nine, decided(91, 5)])["example_players"] == []


def test_a_traded_player_is_one_player_named_as_in_his_newest_game():
    rows = [decided(2 * n + 200, 5, club="LAL", player_full_name="Old") for n in range(12)]
    rows += [decided(n, 5, player_full_name="New") for n in range(1, 13)]
    found = star(rows)
    assert (found["player_count"], found["example_players"]) == (1, ["New"])


@pytest.mark.parametrize(("overs", "told"), [(550, True), (549, False), (450, True), (451, False)])
def test_stars_against_role_players_are_told_from_five_points_on(overs, told):
    found = of_rows(player(all=(1000, overs)), player(points=5, name="bob", all=(1000, 500)))[
        "key_insights"
    ]
    assert found[0].startswith("Stars went over in") is told
    assert (found == [NOTHING_STANDS_OUT]) is not told


@pytest.mark.parametrize(("overs", "told"), [(520, True), (519, False)])
def test_stars_tired_and_rested_are_told_from_two_points_on(overs, told):
    found = of_rows(player(all=(2000, 1000), b2b=(1000, overs), rested=(1000, 500)))
    assert ("no rest" in found["key_insights"][0]) is told


@pytest.mark.parametrize(("overs", "told"), [(530, True), (529, False)])
def test_home_and_away_are_told_from_three_points_on_for_any_archetype(overs, told):
    found = of_rows(player(points=10, all=(2000, 1000), home=(1000, overs), away=(1000, 500)))
    assert found["key_insights"][0].startswith("Rotation players went over") is told


def test_no_more_than_five_things_stand_out():
    cells = {"home": (100, 60), "away": (100, 40), "b2b": (50, 30), "rested": (50, 10)}
    rows = [
        player(points=points, name=f"p{points}", all=(100, overs), **cells)
        for points, overs in ((25, 90), (16, 50), (9, 50), (2, 10))
    ]
    assert len(of_rows(*rows)["key_insights"]) == 5


def test_a_day_without_players_has_every_archetype_with_nobody_in_it():
    found = matters([])
    assert found["as_of_date"] == "2024-01-15"
    assert list(found["archetypes"]) == ["star", "scorer", "rotation", "role_player"]
    for archetype in found["archetypes"].values():
        assert archetype.pop("description")
        assert archetype == {
            "player_count": 0,
            "example_players": [],
            "overall_over_pct": None,
            "factors": {"rest": {}, "home_away": {}},
        }
    assert found["key_insights"] == [NOTHING_STANDS_OUT]
