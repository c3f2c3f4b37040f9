"""Turnovers of players and of the team itself, whichever of the sources counts them."""

import datetime as dt

import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.by_hand import computed

DAY = dt.date(2024, 1, 15)
GAME = {
    "game_date": DAY,
    "game_id": "20240115_BOS_TOR",
    "nba_game_id": "0022300001",
    "season_year": 2023,
    "home_team_abbr": "TOR",
    "away_team_abbr": "BOS",
    "home_score": 50,
    "away_score": 60,
    "is_final": True,
}
SCORES = {"TOR": 50, "BOS": 60}


def official(club, turnovers):
    return {
        "game_date": DAY,
        "nba_game_id": "0022300001",
        "team_abbr": club,
        "points": SCORES[club],
        "turnovers": turnovers,
        "minutes": "240:00",
    }


def players(club, turnovers):
    """Five players, the first of whom has all the points and turnovers."""
    for n in range(5):
        yield {
            "game_date": DAY,
            "game_id": GAME["game_id"],
            "team_abbr": club,
            "player_lookup": f"{club}{n}",
            "appeared": True,
            "points": 0 if n else SCORES[club],
            "turnovers": 0 if n else turnovers,
        }


def events(club, of_the_team, points=None):
    """The club's points as one event, and its turnovers that name nobody."""
    first = 0 if club == "TOR" else 100
    event = {"game_date": DAY, "player_1_team_abbr": club, "period": 1}
    yield event | {
        "event_sequence": first,
        "event_type": "shot",
        "player_1_name": f"{club}0",
        "points_scored": SCORES[club] if points is None else points,
    }
    for n in range(of_the_team):
        yield event | {"event_sequence": first + 1 + n, "event_type": "turnover"}


def turnovers(row, of_players, play_by_play):
    """What is staged of Toronto's turnovers: (players', the team's own)."""
    rows = computed(
        CATALOGUE.table("team_boxes"),
        DAY,
        games=[GAME],
        nbac_team_boxscore=[official("TOR", row), official("BOS", 9)],
        player_boxes=[*players("TOR", of_players), *players("BOS", 9)],
        bigdataball_play_by_play=play_by_play,
    )
    [toronto] = [r for r in rows if r["team_abbr"] == "TOR"]
    return toronto["turnovers"], toronto["team_turnovers"]


WITH_ONE = [*events("TOR", 1), *events("BOS", 2)]
OF_ANOTHER_GAME = [*events("TOR", 3, points=91), *events("BOS", 2)]


@pytest.mark.parametrize(
    ("row", "of_players", "play_by_play", "found"),
    [
        # As the league wrote until 2024-25: its row has the players' only, the events the rest.
        (14, 14, WITH_ONE, (14, 1)),
        # As it writes since 2025-26: its row has all, with or without events.
        (15, 14, WITH_ONE, (14, 1)),
        (15, 14, [], (14, 1)),
        # Nothing tells, and unknown is not none.
        (14, 14, [], (14, None)),
        # Events that do not add up to the score belong to another game and tell nothing.
        (14, 14, OF_ANOTHER_GAME, (14, None)),
        # Events loaded twice are counted once.
        (14, 14, WITH_ONE + WITH_ONE, (14, 1)),
    ],
)
def test_turnovers_stand_on_one_footing_in_all_seasons(row, of_players, play_by_play, found):
    assert turnovers(row, of_players, play_by_play) == found
