"""Team box scores, official where they agree with the score, else summed over the players.

Fallback chain: raw-input specification 3.4 and 4. Overtime: analytics specification 2.4. Team
turnovers: the league's box score counts them in a team's total, as the published possessions do.
"""

from nba_backfill.core.composition import UnionAll
from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window


def _count(name: str, description: str, between: tuple[int, int]) -> Column:
    """A counted statistic of the team."""
    return Column(name, "INT64", description, max_null_rate=0.001, between=between)


TABLE = Table(
    name="team_boxes",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "team_abbr"),
    unique=(("game_id", "team_abbr"),),
    clustering=("team_abbr",),
    reads={
        "games": Window.same_day(),
        "player_boxes": Window.same_day(),
        "nbac_team_boxscore": Window.same_day(),
        "bigdataball_play_by_play": Window.same_day(),
    },
    steps=(
        "shared/clubs",
        "shared/team_games",
        UnionAll("printed_minutes", of=("shared/team_rows",), columns=("minutes_text",)),
        "shared/minutes",
        "shared/events",
        "shared/own_events",
    ),
    expects=Rows.one_per_team_game(),
    description=(
        "One row per club and final game: the official pair of rows if both agree with the final "
        "score, else the sums of at least five players who appeared, else no rows."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical id YYYYMMDD_AWAY_HOME", required=True),
        Column("nba_game_id", "STRING", "Official ten-digit id"),
        Column("season_year", "INT64", "Year the season starts in", required=True),
        Column("team_abbr", "STRING", "Club", required=True),
        Column("opponent_team_abbr", "STRING", "Opponent", required=True),
        Column("is_home", "BOOL", "Whether the club was at home", required=True),
        Column("points", "INT64", "Points scored", required=True, between=(50, 200)),
        _count("fg_makes", "Field goals made", (0, 90)),
        _count("fg_attempts", "Field goals attempted", (0, 160)),
        _count("three_pt_makes", "Three-pointers made", (0, 50)),
        _count("three_pt_attempts", "Three-pointers attempted", (0, 90)),
        _count("ft_makes", "Free throws made", (0, 80)),
        _count("ft_attempts", "Free throws attempted", (0, 100)),
        _count("offensive_rebounds", "Players' offensive rebounds", (0, 60)),
        _count("defensive_rebounds", "Players' defensive rebounds", (0, 90)),
        _count("assists", "Assists", (0, 70)),
        _count("steals", "Steals", (0, 40)),
        _count("blocks", "Blocks", (0, 40)),
        _count("turnovers", "Turnovers of players; the club's own are in team_turnovers", (0, 50)),
        Column(
            "team_turnovers",
            "INT64",
            "Turnovers charged to the club and to no player (shot clock, five seconds): those that "
            "the play-by-play names nobody for, else what the official row counts beyond its "
            "players' (official rows hold them from 2025-26 on). NULL where neither tells",
            between=(0, 20),
        ),
        _count("personal_fouls", "Personal fouls", (0, 70)),
        Column(
            "minutes_total",
            "INT64",
            "Player-minutes, 240 + 25 per overtime; NULL if the overtimes are unknown",
            unit="minutes",
            max_null_rate=0.001,
            between=(240, 490),
        ),
        Column(
            "overtime_periods",
            "INT64",
            "Overtimes by official minutes, else play-by-play, else players' minutes",
            max_null_rate=0.001,
            between=(0, 10),
        ),
        Column(
            "source",
            "STRING",
            "Official row, or sum of the players' rows",
            required=True,
            one_of=("nbac_team_boxscore", "player_sum"),
        ),
    ),
    rules=(
        Rule(
            "makes_within_attempts",
            "fg_makes <= fg_attempts AND three_pt_makes <= three_pt_attempts "
            "AND ft_makes <= ft_attempts",
            "No more shots made than attempted.",
        ),
        Rule(
            "threes_are_field_goals",
            "three_pt_makes <= fg_makes AND three_pt_attempts <= fg_attempts",
            "Three-pointers are part of the field goals.",
        ),
        Rule(
            "points_follow_from_shots",
            "points = 2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes",
            "Points are those of the shots made.",
        ),
    ),
    reconciliations=(
        Reconciliation(
            "team_points_are_the_score",
            "The club's points are its final score.",
            ("team_boxes", "games"),
            """
            SELECT
              game.game_date AS day, game.game_id, box.team_abbr, box.points,
              IF(box.is_home, game.home_score, game.away_score) AS score
            FROM games AS game
            JOIN team_boxes AS box
              ON box.game_date = game.game_date AND box.game_id = game.game_id
            WHERE game.game_date BETWEEN @start_date AND @end_date
              AND COALESCE(
                box.points != IF(box.is_home, game.home_score, game.away_score), TRUE)
            """,
        ),
        Reconciliation(
            "players_add_up_to_the_team",
            "Field goals and free throws attempted, rebounds, assists and turnovers of the "
            "players who appeared add up to the official row; the vendors sometimes correct one "
            "and not the other.",
            ("team_boxes", "player_boxes"),
            """
            SELECT team.game_date AS day, team.game_id, team.team_abbr
            FROM team_boxes AS team
            JOIN player_boxes AS box
              ON box.game_date = team.game_date AND box.game_id = team.game_id
              AND box.team_abbr = team.team_abbr
            WHERE team.game_date BETWEEN @start_date AND @end_date AND box.appeared
            GROUP BY team.game_date, team.game_id, team.team_abbr
            HAVING SUM(box.field_goals_attempted) != MIN(team.fg_attempts)
              OR SUM(box.free_throws_attempted) != MIN(team.ft_attempts)
              OR SUM(box.offensive_rebounds) != MIN(team.offensive_rebounds)
              OR SUM(box.defensive_rebounds) != MIN(team.defensive_rebounds)
              OR SUM(box.assists) != MIN(team.assists)
              OR SUM(box.turnovers) != MIN(team.turnovers)
            """,
            blocking=False,
        ),
    ),
    source=__file__,
)
