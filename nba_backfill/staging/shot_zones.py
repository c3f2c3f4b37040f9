"""Shots and blocks by zone, counted once from the play-by-play for all three fact tables.

The classifier is that of the analytics specification, 2.3.
"""

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window


def _count(name: str, description: str, most: int) -> Column:
    """A count of events; 0 where there were none."""
    return Column(name, "INT64", description, required=True, between=(0, most))


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
        "bigdataball_play_by_play": Window.same_day(),
    },
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
        _count("unknown_attempts", "Two-pointers attempted without distance, in no zone", 60),
        _count("unknown_makes", "Two-pointers made without distance, in no zone", 50),
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
            "assisted_and_unassisted_within_makes",
            "assisted_fg_makes + unassisted_fg_makes "
            "<= paint_makes + mid_range_makes + three_pt_makes + unknown_makes",
            "A made shot is assisted or not, never both.",
        ),
    ),
    source=__file__,
)
