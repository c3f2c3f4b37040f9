"""Shots and blocks by zone, counted once from the play-by-play for all three fact tables.

The classifier is that of the analytics specification, 2.3.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import ClubCodes, steps_of, unknown_clubs


def _count(name: str, description: str, most: int) -> Column:
    """A count of events; 0 where there were none."""
    return Column(name, "INT64", description, required=True, between=(0, most))


STRANGE_EVENTS = Reconciliation(
    name="events_are_of_the_game",
    description="Events that belong to another game, or are not all of this one: no zones",
    reads=("shot_zones", "games", "team_boxes", "bigdataball_play_by_play"),
    blocking=False,
    contradiction=True,
    sql=steps_of(
        "shared/clubs",
        "shared/team_games",
        "shared/events",
        "shared/event_games",
        sql="""
SELECT game.game_date AS day, game.game_id, event.said
FROM games AS game
JOIN event_games AS event ON event.game_id = game.game_id AND NOT event.fits
LEFT JOIN shot_zones AS zone ON zone.game_id = game.game_id
WHERE zone.game_id IS NULL
UNION ALL
SELECT game.game_date, game.game_id, 'the clubs in the events are those of another game'
FROM games AS game
JOIN (
  SELECT DISTINCT event.game_date, club.team_abbr
  FROM bigdataball_play_by_play AS event
  JOIN clubs AS club ON club.spelling = UPPER(TRIM(event.player_1_team_abbr))
  WHERE LOWER(TRIM(event.event_type)) = 'shot'
) AS printed ON printed.game_date = game.game_date AND printed.team_abbr = game.home_team_abbr
LEFT JOIN event_games AS event ON event.game_id = game.game_id
WHERE game.is_final AND event.game_id IS NULL
""",
    ),
)

TABLE = Table(
    name="shot_zones",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    unique=(("game_id", "player_lookup"),),
    clustering=("player_lookup", "team_abbr"),
    reads={
        "games": Window.same_day(),
        "player_names": Window.same_day(),
        "team_boxes": Window.same_day(),
        "bigdataball_play_by_play": Window.same_day(),
    },
    steps=("shared/clubs", "shared/team_games", "shared/events", "shared/event_games"),
    expects=Rows.at_least_per_team_game(5),
    description=(
        "One row per player and final game with play-by-play: field goals by zone, assisted and "
        "unassisted, and blocks by zone. Paint is a distance of at most 8 feet, not the painted "
        "area. A game without play-by-play has no rows."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical id YYYYMMDD_AWAY_HOME", required=True),
        Column("team_abbr", "STRING", "Club the player played for", required=True),
        Column("player_lookup", "STRING", "Canonical lookup of the name", required=True),
        _count("paint_attempts", "Field goals attempted from at most 8 feet", 60),
        _count("paint_makes", "Field goals made from at most 8 feet", 50),
        _count("mid_range_attempts", "Two-pointers attempted from beyond 8 feet", 60),
        _count("mid_range_makes", "Two-pointers made from beyond 8 feet", 50),
        _count("three_pt_attempts", "Three-pointers attempted", 50),
        _count("three_pt_makes", "Three-pointers made", 30),
        _count("unknown_attempts", "Two-pointers attempted that nothing locates, in no zone", 60),
        _count("unknown_makes", "Two-pointers made that nothing locates, in no zone", 50),
        _count(
            "located_by_word",
            "Paint attempts without distance that are a layup, dunk or tip (99 % within 8 feet)",
            60,
        ),
        _count(
            "located_by_silence",
            "Other paint attempts without distance, in a game whose source prints the distances "
            "of shots from further out (99 % from 0-5 feet)",
            60,
        ),
        _count("assisted_fg_makes", "Field goals made on an assist", 50),
        _count("unassisted_fg_makes", "Field goals made without an assist", 50),
        _count("and1_count", "Single free throws after a made field goal", 20),
        _count("paint_blocks", "Opponents' paint shots this player blocked", 20),
        _count("mid_range_blocks", "Opponents' mid-range shots this player blocked", 20),
        _count("three_pt_blocks", "Opponents' three-pointers this player blocked", 20),
    ),
    rules=(
        Rule(
            "makes_within_attempts",
            "paint_makes <= paint_attempts AND mid_range_makes <= mid_range_attempts "
            "AND three_pt_makes <= three_pt_attempts AND unknown_makes <= unknown_attempts",
            "No more shots made than attempted in any zone.",
        ),
        Rule(
            "located_without_distance_is_in_the_paint",
            "located_by_word + located_by_silence <= paint_attempts",
            "What words or silence locate is in the paint.",
        ),
        Rule(
            "assisted_and_unassisted_within_makes",
            "assisted_fg_makes + unassisted_fg_makes "
            "<= paint_makes + mid_range_makes + three_pt_makes + unknown_makes",
            "A made shot is assisted or not, never both.",
        ),
    ),
    reconciliations=(
        STRANGE_EVENTS,
        unknown_clubs(
            "shot_zones",
            {
                "bigdataball_play_by_play": ClubCodes(
                    ("home_team_abbr", "away_team_abbr", "player_1_team_abbr")
                )
            },
        ),
    ),
    source=__file__,
)
