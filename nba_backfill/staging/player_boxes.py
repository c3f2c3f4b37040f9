"""Player box scores, one accepted source per game.

Fallback chain, completeness test and minutes: raw-input specification 3.2, 3.3 and 4, and
analytics specification 2.2.
"""

from nba_backfill.core.composition import UnionAll
from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import steps_of


def _count(name: str, description: str, between: tuple[int, int]) -> Column:
    """A counted statistic: NULL only in dnp rows, or where the source's cell was unreadable."""
    return Column(
        name,
        "INT64",
        f"{description}; NULL if the player did not play",
        max_null_rate=0,
        null_rate_where="appeared",
        between=between,
    )


MINUTES = (
    UnionAll("printed_minutes", of=("shared/box_rows",), columns=("minutes_text",)),
    "shared/minutes",
)

UNUSABLE = Reconciliation(
    name="a_box_can_be_used",
    description=(
        "A game none of whose box scores can be used: points that are not the final score, or "
        "nobody with minutes"
    ),
    reads=("player_boxes", "games", "nbac_gamebook_player_stats", "bdl_player_boxscores"),
    blocking=False,
    contradiction=True,
    sql=steps_of(
        "shared/clubs",
        "shared/team_games",
        *MINUTES,
        sql="""
SELECT
  game.game_date AS day, game.game_id, game.team_abbr, box.source, COUNT(*) AS scorers,
  SUM(box.points) AS points, MIN(game.final_score) AS score,
  COUNTIF(printed.minutes > 0) AS with_minutes
FROM team_games AS game
JOIN box_rows AS box
  ON box.game_date = game.game_date AND box.team_abbr = game.team_abbr AND box.points > 0
LEFT JOIN minutes AS printed ON printed.minutes_text = box.minutes_text
LEFT JOIN (SELECT DISTINCT game_id FROM player_boxes) AS used ON used.game_id = game.game_id
WHERE game.is_final AND used.game_id IS NULL
GROUP BY game.game_date, game.game_id, game.team_abbr, box.source
HAVING COUNT(*) >= 5
""",
    ),
)

TABLE = Table(
    name="player_boxes",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    unique=(("game_id", "player_lookup"),),
    clustering=("player_lookup", "team_abbr"),
    reads={
        "games": Window.same_day(),
        "player_names": Window.same_day(),
        "nbac_gamebook_player_stats": Window.same_day(),
        "bdl_player_boxscores": Window.same_day(),
        "bigdataball_play_by_play": Window.same_day(),
    },
    steps=(
        "shared/clubs",
        "shared/team_games",
        *MINUTES,
        "shared/events",
        "shared/own_events",
        "shared/starting_fives",
    ),
    expects=Rows.at_least_per_team_game(5),
    description=(
        "One row per player and final game, dnp rows included, from the official gamebook if it "
        "is complete (five active players a club, minutes, and the final score exactly), else from "
        "the second vendor under the same test; games that neither has completely have no rows."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical id YYYYMMDD_AWAY_HOME", required=True),
        Column("nba_game_id", "STRING", "Official ten-digit id"),
        Column("season_year", "INT64", "Year the season starts in", required=True),
        Column("team_abbr", "STRING", "Club the player was listed for", required=True),
        Column("opponent_team_abbr", "STRING", "Opponent", required=True),
        Column("is_home", "BOOL", "Whether the club was at home", required=True),
        Column("player_lookup", "STRING", "Canonical lookup of the name", required=True),
        Column("universal_player_id", "STRING", "Id of the player", max_null_rate=0.01),
        Column("player_full_name", "STRING", "Name as the source prints it", required=True),
        Column(
            "player_status",
            "STRING",
            "active, or dnp for a dressed player who did not play",
            required=True,
            one_of=("active", "dnp"),
        ),
        Column(
            "appeared",
            "BOOL",
            "Whether the player was on court: a statistic or substitution says so, else minutes; "
            "the whole 0 of the official source is under half a minute, 0:00 is none",
            required=True,
        ),
        Column(
            "is_starter",
            "BOOL",
            "Whether he was one of the five on court as the game opened; NULL where no source "
            "tells, never guessed from minutes",
        ),
        Column(
            "starter_source",
            "STRING",
            "Which source names the starters: play_by_play, those on court before any substitution "
            "brings them in; NULL where the events name other than five of the club's players",
            one_of=("play_by_play",),
        ),
        Column(
            "minutes",
            "NUMERIC(6,2)",
            "Minutes on court; 0 is under half a minute, NULL not played or unknown",
            unit="minutes",
            max_null_rate=0.002,
            null_rate_where="appeared",
            between=(0, 69),
        ),
        _count("points", "Points", (0, 100)),
        _count("field_goals_made", "Field goals made", (0, 50)),
        _count("field_goals_attempted", "Field goals attempted", (0, 70)),
        _count("three_pointers_made", "Three-pointers made", (0, 30)),
        _count("three_pointers_attempted", "Three-pointers attempted", (0, 50)),
        _count("free_throws_made", "Free throws made", (0, 50)),
        _count("free_throws_attempted", "Free throws attempted", (0, 60)),
        _count("offensive_rebounds", "Offensive rebounds", (0, 40)),
        _count("defensive_rebounds", "Defensive rebounds", (0, 50)),
        _count("assists", "Assists", (0, 40)),
        _count("steals", "Steals", (0, 20)),
        _count("blocks", "Blocks", (0, 20)),
        _count("turnovers", "Turnovers", (0, 20)),
        _count("personal_fouls", "Personal fouls", (0, 10)),
        Column(
            "plus_minus",
            "INT64",
            "Score margin while on court; NULL in games from the second vendor",
            unit="points",
            max_null_rate=0,
            null_rate_where="appeared AND source = 'nbac_gamebook'",
            between=(-80, 80),
        ),
        Column(
            "source",
            "STRING",
            "Vendor accepted for the game",
            required=True,
            one_of=("nbac_gamebook", "bdl_boxscores"),
        ),
    ),
    rules=(
        Rule(
            "makes_within_attempts",
            "field_goals_made <= field_goals_attempted "
            "AND three_pointers_made <= three_pointers_attempted "
            "AND free_throws_made <= free_throws_attempted",
            "No more shots made than attempted.",
        ),
        Rule(
            "threes_are_field_goals",
            "three_pointers_made <= field_goals_made "
            "AND three_pointers_attempted <= field_goals_attempted",
            "Three-pointers are part of the field goals.",
        ),
        Rule(
            "points_follow_from_shots",
            "points = 2 * (field_goals_made - three_pointers_made) + 3 * three_pointers_made "
            "+ free_throws_made",
            "Points are those of the shots made.",
        ),
        Rule(
            "only_who_appeared_has_statistics",
            "appeared OR (minutes IS NULL AND points IS NULL)",
            "A player who did not play has neither minutes nor statistics.",
        ),
        Rule(
            "starters_have_a_source",
            "(is_starter IS NULL) = (starter_source IS NULL) "
            "AND (appeared OR NOT COALESCE(is_starter, FALSE))",
            "Who started is known from a source, and he appeared.",
        ),
        Rule(
            "only_active_players_appear",
            "NOT appeared OR player_status = 'active'",
            "A dnp row is no appearance.",
        ),
    ),
    reconciliations=(
        UNUSABLE,
        Reconciliation(
            "player_points_are_the_score",
            "The points of a club's players add up to its final score.",
            ("player_boxes", "games"),
            """
            SELECT
              game.game_date AS day, game.game_id, box.team_abbr, SUM(box.points) AS points,
              MIN(IF(box.is_home, game.home_score, game.away_score)) AS score
            FROM games AS game
            JOIN player_boxes AS box
              ON box.game_date = game.game_date AND box.game_id = game.game_id
            WHERE game.game_date BETWEEN @start_date AND @end_date AND box.appeared
            GROUP BY game.game_date, game.game_id, box.team_abbr
            HAVING COALESCE(
              SUM(box.points) != MIN(IF(box.is_home, game.home_score, game.away_score)), TRUE)
            """,
        ),
    ),
    source=__file__,
)
