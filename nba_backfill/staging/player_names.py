"""Names as printed, what they fold to, and the player they stand for.

The one normaliser and the resolution order are those of the raw-input specification, 1.3 and 3.12.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rule, Table
from nba_backfill.core.window import Window

TABLE = Table(
    name="player_names",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "player_name"),
    clustering=("player_lookup",),
    reads={
        "games": Window.same_day(),
        "nbac_gamebook_player_stats": Window.same_day(),
        "bdl_player_boxscores": Window.same_day(),
        "bigdataball_play_by_play": Window.same_day(),
        "odds_api_player_points_props": Window.same_day(),
        "bettingpros_player_points_props": Window.same_day(),
        "nbac_injury_report": Window.days(2, before=False),
        "espn_team_rosters": Window.days(7, before=False),
        "nba_players_registry": Window.everything(),
        "player_aliases": Window.everything(),
    },
    steps=("shared/clubs", "shared/team_games", "shared/printed_names", "shared/folded_names"),
    description=(
        "One row per game day and player name printed by any source for that day, with the "
        "canonical lookup and the player's id; rosters count for every day they serve."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the games", required=True),
        Column("player_name", "STRING", "Name as the source prints it", required=True),
        Column(
            "player_lookup",
            "STRING",
            "Name in small letters a-z and digits, accents folded, suffix kept, after aliases; of "
            "a name nobody of the day goes by, that of the one player of the two clubs it fits",
            required=True,
        ),
        Column(
            "universal_player_id",
            "STRING",
            "Id of the player by lookup and season, then by lookup; NULL if unknown or ambiguous",
            max_null_rate=0.01,
        ),
        Column(
            "resolved_by",
            "STRING",
            "What makes the name a player: the name itself, an alias, or its likeness to exactly "
            "one player of the clubs (suffix, order, given name, letters); NULL if nothing does",
            one_of=("name", "alias", "club"),
        ),
        Column("printed_by", "STRING", "Raw tables that print the name, by comma", required=True),
    ),
    rules=(
        Rule(
            "lookup_is_normalised",
            "REGEXP_CONTAINS(player_lookup, r'^[a-z0-9]+$')",
            "Joins between sources rely on lookups of a-z and 0-9 only.",
        ),
    ),
    reconciliations=(
        Reconciliation(
            "names_are_players",
            "A name that is no player of the registry, no alias, and like no or several players "
            "of the clubs: its rows are kept under the lookup of the name",
            ("player_names",),
            """
            SELECT game_date AS day, printed_by, player_name, player_lookup
            FROM player_names
            WHERE resolved_by IS NULL
            """,
            blocking=False,
        ),
    ),
    source=__file__,
)
