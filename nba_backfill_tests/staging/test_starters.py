"""Who started a game, against the line-ups of the play-by-play, which staging does not read."""

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
EIGHT = [f"{club}{n}" for club in SCORES for n in range(8)]


@pytest.fixture(scope="module")
def lineups(real_warehouse, real_data):
    """Club, game and lookup of the ten in the line-up columns of each game's first event."""
    slots = ", ".join(f"{side}_player_{n}_lookup" for side in ("home", "away") for n in range(1, 6))
    files = real_data / "nba_raw" / "bigdataball_play_by_play" / "*.parquet"
    connection = real_warehouse.warehouse.connection
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE lineups AS
        WITH firsts AS (
          SELECT * FROM read_parquet('{files}')
          QUALIFY ROW_NUMBER() OVER (PARTITION BY bdb_game_id ORDER BY event_sequence) = 1
        ), ten AS (
          SELECT game_date, bdb_game_id, unnest([{slots}]) AS listed FROM firsts
        ), names AS (
          SELECT DISTINCT game_date, bdb_game_id, player_1_lookup AS listed, player_1_name
          FROM read_parquet('{files}') WHERE player_1_lookup IS NOT NULL
        )
        SELECT ten.game_date, ten.bdb_game_id, name.player_lookup
        FROM ten LEFT JOIN names USING (game_date, bdb_game_id, listed)
        LEFT JOIN nba_staging.player_names AS name
          ON name.game_date = ten.game_date AND name.player_name = names.player_1_name
        """
    )
    yield "lineups"
    connection.execute("DROP TABLE lineups")


def test_those_who_start_are_those_of_the_first_line_up(real_warehouse, lineups):
    known, starters, agreeing = real_warehouse.query(
        f"""
        SELECT COUNT(starter_flag), COUNT(*) FILTER (starter_flag),
          COUNT(*) FILTER (starter_flag AND l.player_lookup IS NOT NULL)
        FROM nba_analytics.player_game_summary AS p
        LEFT JOIN {lineups} AS l
          ON l.game_date = p.game_date AND l.player_lookup = p.player_lookup
        """
    )[0]
    rows = real_warehouse.query("SELECT COUNT(*) FROM nba_analytics.player_game_summary")[0][0]
    assert known > 0.995 * rows
    assert agreeing > 0.9995 * starters


def test_five_of_a_club_start_or_nobody_knows(real_warehouse):
    found = real_warehouse.query(
        """
        SELECT COUNT(*) FILTER (is_starter), COUNT(is_starter) = COUNT(*)
        FROM nba_staging.player_boxes
        GROUP BY game_id, team_abbr
        """
    )
    assert set(found) == {(5, True), (0, False)}
    assert found.count((5, True)) > 0.995 * len(found)


def box(player):
    club, n = player[:3], int(player[3:])
    return {
        "game_date": DAY,
        "team_abbr": club,
        "home_team_abbr": "TOR",
        "away_team_abbr": "BOS",
        "player_name": player,
        "player_status": "active",
        "minutes": "12:00",
        "points": 0 if n else SCORES[club],
    }


def sequence(*acts):
    """Events in order, each ``(player, type, subtype, further columns)``."""
    for number, (player, kind, subtype, more) in enumerate(acts):
        yield {
            "game_date": DAY,
            "period": 1,
            "event_sequence": number,
            "event_type": kind,
            "event_subtype": subtype,
            "player_1_name": player,
            "player_1_team_abbr": player[:3],
        } | more


def shot(player, **more):
    return player, "shot", "dunk", more


def substitution(out, into):
    return [
        (out, "substitution", "substitution out", {}),
        (into, "substitution", "substitution in", {}),
    ]


BOSTON = [shot("BOS0", points_scored=60), *(shot(f"BOS{n}") for n in range(1, 5))]
TORONTO = [shot("TOR0", points_scored=50), *(shot(f"TOR{n}") for n in range(1, 5))]


def starters(*acts):
    """Who is staged as a starter of Toronto; None if that is not known."""
    rows = computed(
        CATALOGUE.table("player_boxes"),
        DAY,
        games=[GAME],
        player_names=[
            {"game_date": DAY, "player_name": name, "player_lookup": name} for name in EIGHT
        ],
        nbac_gamebook_player_stats=[box(name) for name in EIGHT],
        bigdataball_play_by_play=list(sequence(*BOSTON, *acts)),
    )
    toronto = [row for row in rows if row["team_abbr"] == "TOR"]
    assert len(toronto) == 8
    if any(row["is_starter"] is None for row in toronto):
        assert {row["starter_source"] for row in toronto} == {None}
        return None
    assert {row["starter_source"] for row in toronto} == {"play_by_play"}
    return {row["player_lookup"] for row in toronto if row["is_starter"]}


FIVE = {f"TOR{n}" for n in range(5)}


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        (TORONTO, FIVE),
        ([*TORONTO, *substitution("TOR4", "TOR5"), shot("TOR5")], FIVE),
        # One who leaves and comes back started; one who comes and leaves did not.
        ([*TORONTO, *substitution("TOR4", "TOR5"), *substitution("TOR5", "TOR4")], FIVE),
        # One who did nothing but leave was there.
        ([*TORONTO[:4], *substitution("TOR6", "TOR5")], FIVE - {"TOR4"} | {"TOR6"}),
        # A pass, a steal and a block show who is on court, each on his own side.
        (
            [
                shot("TOR0", points_scored=50, player_2_name="TOR1", player_2_role="assist"),
                shot("BOS1", player_2_name="TOR2", player_2_role="block"),
                (
                    "BOS1",
                    "turnover",
                    "bad pass",
                    {"player_2_name": "TOR3", "player_2_role": "steal"},
                ),
                shot("TOR4"),
            ],
            FIVE,
        ),
        # A technical foul may be the bench's.
        ([("TOR7", "foul", "technical", {}), *TORONTO], FIVE),
        # The second quarter tells nothing of the first.
        ([*TORONTO, shot("TOR6", period=2)], FIVE),
        # Four, or six: not known.
        (TORONTO[:4], None),
        ([*TORONTO, shot("TOR6")], None),
        # Events of another game do not add up to the score.
        ([shot("TOR0", points_scored=77), *TORONTO[1:]], None),
        ([], None),
    ],
)
def test_who_is_on_court_before_he_comes_in_started(acts, found):
    assert starters(*acts) == found
