"""Who is expected to play, source by source on rows made by hand, and how well on real seasons."""

import datetime as dt

import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill_tests.by_hand import computed
from nba_backfill_tests.conftest import copied, season_days

CONTEXT = CATALOGUE.table("upcoming_player_game_context")
DAY = dt.date(2025, 1, 31)
GAME_ID = "20250131_BOS_TOR"
GAME = {
    "game_date": DAY,
    "game_id": GAME_ID,
    "season_year": 2024,
    "home_team_abbr": "TOR",
    "away_team_abbr": "BOS",
    "source": "nbac_schedule",
}


def ago(days):
    return DAY - dt.timedelta(days=days)


def fixture(club, opponent):
    return {
        "game_date": DAY,
        "game_id": GAME_ID,
        "season_year": 2024,
        "team_abbr": club,
        "opponent_team_abbr": opponent,
        "home_game": club == "TOR",
        "backfill_bootstrap_mode": False,
    }


def roster(*players, club="TOR", days=2):
    """A roster of the club of some days ago."""
    return [
        {"game_date": DAY, "player_lookup": player, "team_abbr": club, "roster_date": ago(days)}
        for player in players
    ]


def box(player, days, club="TOR", minutes=30):
    """His row in a box score of some days ago; without minutes he sat."""
    day = ago(days)
    return {
        "game_date": day,
        "game_id": f"{day:%Y%m%d}_{club}_XXX",
        "season_year": Season.of(day).year,
        "player_lookup": player,
        "team_abbr": club,
        "appeared": minutes is not None,
        "minutes": minutes,
    }


def games_of(club, *days):
    """Games of the club on which somebody else played."""
    return [box(f"another of {club}", n, club) for n in days]


def line(club=None, game=GAME_ID):
    """A line for him; the vendor may know his club."""
    return [{"game_date": DAY, "player_lookup": "him", "game_id": game, "team_abbr": club}]


def report(status, club="TOR"):
    """What today's report says of him."""
    return [
        {
            "game_date": DAY,
            "player_lookup": "him",
            "team_abbr": club,
            "injury_status": status,
            "report_date": DAY,
        }
    ]


def expected(player="him", boxes=(), rosters=(), lines=(), reports=()):
    """His row in the context of the day, None if he is not expected."""
    rows = computed(
        CONTEXT,
        DAY,
        upcoming_team_game_context=[fixture("TOR", "BOS"), fixture("BOS", "TOR")],
        games=[GAME],
        player_boxes=boxes,
        rosters=rosters,
        prop_lines=lines,
        injuries=reports,
    )
    found = [row for row in rows if row["player_lookup"] == player]
    return found[0] if found else None


def sources(**inputs):
    """His club and the sources that have him there; None if he is not expected."""
    row = expected(**inputs)
    flags = ("on_roster", "in_injury_report", "line_offered", "in_recent_games")
    return row and (row["team_abbr"], {name for name in flags if row[name]})


RECENT, ROSTER, LINE, REPORT = (
    {"in_recent_games"},
    {"on_roster"},
    {"line_offered"},
    {"in_injury_report"},
)
WEEKLY = games_of("TOR", 3, 6, 9, 12, 15, 18, 21)
LAST_SPRING = box("him", 280)


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        # Nobody is expected whom no source names.
        ({}, None),
        ({"rosters": roster("him")}, ("TOR", ROSTER)),
        ({"boxes": [box("him", 3)]}, ("TOR", RECENT)),
        # Who sat belongs to the club too.
        ({"boxes": [box("him", 3, minutes=None)]}, ("TOR", RECENT)),
        # A regular is expected back however long he was away, a bench player for three games.
        ({"boxes": [box("him", 24), *WEEKLY]}, ("TOR", RECENT)),
        ({"boxes": [box("him", 12, minutes=4), *WEEKLY]}, ("TOR", RECENT)),
        ({"boxes": [box("him", 15, minutes=4), *WEEKLY]}, None),
        # Last season counts until the club has played in this one; then a line must name him.
        ({"boxes": [LAST_SPRING]}, ("TOR", RECENT)),
        ({"boxes": [LAST_SPRING, *WEEKLY]}, None),
        ({"boxes": [LAST_SPRING, *WEEKLY], "lines": line()}, ("TOR", LINE)),
        ({"boxes": [box("him", 600)], "lines": line()}, None),
        # Who was seen elsewhere since is not expected where he was.
        ({"boxes": [box("him", 6), box("him", 3, "NYK")]}, None),
        # A newer roster of the club that leaves him out says that he has gone, unless a source of
        # the day knows better.
        ({"boxes": [box("him", 3)], "rosters": roster("another")}, None),
        ({"boxes": [box("him", 1)], "rosters": roster("another")}, ("TOR", RECENT)),
        ({"boxes": [box("him", 3)], "rosters": roster("another"), "lines": line()}, ("TOR", LINE)),
        # Traded: at the new club as soon as a source says so.
        ({"boxes": [box("him", 3, "NYK")], "rosters": roster("him")}, ("TOR", ROSTER)),
        ({"boxes": [box("him", 3, "BOS")], "rosters": roster("him")}, ("TOR", ROSTER)),
        ({"boxes": [box("him", 3, "NYK")], "lines": line("TOR")}, ("TOR", LINE)),
        ({"boxes": [box("him", 3, "NYK")], "reports": report("available")}, ("TOR", REPORT)),
        (
            {"rosters": roster("him", club="BOS"), "reports": report("probable")},
            ("TOR", REPORT),
        ),
        # The vendor's club may be one he has left, and so may the report's.
        ({"boxes": [box("him", 9), box("him", 3, "NYK")], "lines": line("TOR")}, None),
        ({"boxes": [box("him", 9), box("him", 3, "NYK")], "reports": report("available")}, None),
        # A line whose club nobody knows says nothing of one.
        ({"lines": line()}, None),
        # A game after the roster was scraped tells more than the roster.
        (
            {"boxes": [box("him", 1, "BOS")], "rosters": roster("him", days=3)},
            ("BOS", RECENT),
        ),
        # All that say so are flagged.
        (
            {
                "boxes": [box("him", 2)],
                "rosters": roster("him"),
                "lines": line("TOR"),
                "reports": report("available"),
            },
            ("TOR", ROSTER | LINE | REPORT | RECENT),
        ),
        # Out is out, whoever else expects him; a doubt is none.
        ({"rosters": roster("him"), "lines": line("TOR"), "reports": report("out")}, None),
        ({"rosters": roster("him"), "reports": report("questionable")}, ("TOR", ROSTER)),
        ({"reports": report("questionable")}, None),
    ],
)
def test_the_pool_is_the_union_of_what_the_sources_say(inputs, found):
    assert sources(**inputs) == found


def test_the_box_score_of_the_day_is_not_read():
    of_the_day = [box("him", 0), box("another", 0, "BOS")]
    assert sources(boxes=of_the_day) is None
    assert sources(boxes=[box("him", 3), box("him", 0, "BOS")]) == ("TOR", RECENT)


# --- real seasons -----------------------------------------------------------------------------

RECALL_AND_PRECISION = """
WITH played AS (
  SELECT * FROM nba_analytics.player_game_summary WHERE game_date BETWEEN '{first}' AND '{last}'
), asked AS (
  SELECT u.* FROM nba_analytics.upcoming_player_game_context AS u
  WHERE COALESCE(player_status, '') != 'doubtful' AND game_id IN (SELECT game_id FROM played)
)
SELECT
  SUM(minutes_played) FILTER (asked.game_id = played.game_id) / SUM(minutes_played),
  COUNT(*) FILTER (asked.game_id = played.game_id) / (SELECT COUNT(*) FROM asked)
FROM played LEFT JOIN asked USING (game_date, player_lookup)
"""


# Precision before lines and reports were asked: 0.6350, 0.6462, 0.6514.
@pytest.mark.parametrize(("season", "precision"), [(2021, 0.6350), (2023, 0.6462), (2024, 0.6514)])
def test_the_pool_of_a_season_has_those_who_play_and_few_others(real_warehouse, season, precision):
    days = {"first": f"{season}-10-01", "last": f"{season + 1}-06-30"}
    ((recall, share),) = real_warehouse.query(RECALL_AND_PRECISION.format(**days))
    assert recall > 0.995
    assert share >= precision - 0.00005


@pytest.mark.slow
def test_an_autumn_without_fresh_rosters_loses_few_minutes(real_warehouse, tmp_path):
    # As in 2025-26, when rosters were frozen from opening night to 22 December.
    warehouse = copied(real_warehouse, tmp_path / "frozen.duckdb")
    warehouse.connection.execute(
        "DELETE FROM nba_raw.espn_team_rosters"
        " WHERE roster_date BETWEEN '2024-10-22' AND '2024-12-22'"
    )
    days = season_days(Season(2024), dt.date(2024, 12, 22))
    for name in ("rosters", "prop_lines", "upcoming_player_game_context"):
        Step(CATALOGUE.table(name), CATALOGUE, warehouse).run(days)
    asked = RECALL_AND_PRECISION.format(first="2024-10-22", last="2024-12-22")
    ((recall, share),) = warehouse.connection.execute(asked).fetchall()
    warehouse.close()
    # Before: 0.986 and 0.753, with box scores of 14 days as the only other source.
    assert recall > 0.991
    assert share >= 0.753
