"""What the challenger reads beyond the 33 features, per player expected to play.

Chosen by dropping one group at a time on real seasons (train to 2024-10, test 2024-25): each
group left costs the model's error if it goes. All of it is known before tip-off and none of it
comes from an injury report: who is missing is inferred from who missed his club's last games.
Form carries over from season to season, so history is read from its first day.
"""

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window

SCALES = {12: "last 12 games", 40: "last 40 games", 120: "last 120 games"}
"""Windows of the weighted means; the mean age of what they weigh is a third of them, like that
of exponential weights with half-lives of 3, 10 and 30 games."""

UNKNOWN_NEWCOMERS = 0.12
"""Share of pool rows of players without any game in history: two-way contracts and rookies."""

UNCOMPARED = 0.15
"""As UNKNOWN_NEWCOMERS, and those who have no team-mate or no shot to be compared by."""


def _form(name: str, what: str, unit: str, most: float, scales: tuple[int, ...]) -> list[Column]:
    """Weighted means of one figure over the last 12, 40 or 120 games."""
    return [
        Column(
            f"{name}_form_{n}",
            "FLOAT64",
            f"{what}, mean over his {SCALES[n]} of all seasons before the day (fewer if fewer), "
            f"weights falling in a straight line: the newest weighs {n}, the one before {n - 1}; "
            "NULL before his first",
            unit=unit,
            max_null_rate=UNKNOWN_NEWCOMERS,
            between=(0, most),
        )
        for n in scales
    ]


FORM = (
    *_form("points", "Points", "points", 100, (12, 40, 120)),
    *_form("minutes", "Minutes", "minutes", 69, (12, 40, 120)),
    *_form("fg_attempts", "Field goals attempted", "attempts", 80, (12, 40, 120)),
    *_form("ft_attempts", "Free throws attempted", "attempts", 60, (12, 40, 120)),
    *_form("usage", "Usage rate", "percent", 100, (12, 40, 120)),
    *_form("three_pt_attempts", "Threes attempted", "attempts", 40, (40,)),
    *_form("rebounds", "Rebounds", "rebounds", 40, (40,)),
    *_form("assists", "Assists", "assists", 40, (40,)),
    Column(
        "points_per_minute_form_40",
        "FLOAT64",
        "points_form_40 / minutes_form_40",
        unit="points per minute",
        max_null_rate=UNKNOWN_NEWCOMERS,
        between=(0, 60),
    ),
    Column(
        "points_per_minute_form_120",
        "FLOAT64",
        "points_form_120 / minutes_form_120",
        unit="points per minute",
        max_null_rate=UNKNOWN_NEWCOMERS,
        between=(0, 60),
    ),
)

LAST_GAMES = (
    Column(
        "points_last_game",
        "INT64",
        "Points of his last game of any season",
        unit="points",
        max_null_rate=UNKNOWN_NEWCOMERS,
        between=(0, 100),
    ),
    Column(
        "minutes_last_game",
        "FLOAT64",
        "Minutes of his last game of any season",
        unit="minutes",
        max_null_rate=UNKNOWN_NEWCOMERS,
        between=(0, 69),
    ),
    Column(
        "minutes_second_last_game",
        "FLOAT64",
        "Minutes of the game before that one",
        unit="minutes",
        max_null_rate=0.2,
        between=(0, 69),
    ),
)

STANDING = (
    Column(
        "days_since_any_game",
        "INT64",
        "Days since his last game of any season (1 = played yesterday)",
        unit="days",
        max_null_rate=UNKNOWN_NEWCOMERS,
        between=(1, 5000),
    ),
    Column(
        "games_in_history",
        "INT64",
        "His games before the day as far as history reaches; 0 is knowledge too",
        unit="games",
        required=True,
        between=(0, 3000),
    ),
    Column(
        "games_this_season",
        "INT64",
        "Those of the season",
        unit="games",
        required=True,
        between=(0, 115),
    ),
    Column(
        "share_of_club_games",
        "FLOAT64",
        "games_this_season per game of his present club this season; a traded player can have "
        "more than one per game. NULL before the club's first",
        unit="fraction",
        max_null_rate=0.03,
        between=(0, 40),
    ),
    Column(
        "club_games_missed",
        "INT64",
        "Games of his club since the last one he played for it this season (0 = he played the "
        "last one); NULL if his last game was for another club or in another season",
        unit="games",
        between=(0, 110),
    ),
)

MARKET = (
    Column(
        "club_spread",
        "FLOAT64",
        "Closing spread from his club's view; negative = favourite. Copy of the player context",
        unit="points",
        max_null_rate=0.05,
        between=(-30, 30),
    ),
    Column(
        "game_total_line",
        "FLOAT64",
        "Closing total of the game. Copy of the player context",
        unit="points",
        max_null_rate=0.05,
        between=(150, 300),
    ),
    Column(
        "implied_club_points",
        "FLOAT64",
        "Points the lines expect of his club: (total - spread) / 2",
        unit="points",
        max_null_rate=0.05,
        between=(60, 165),
    ),
    Column(
        "spread_surprise",
        "FLOAT64",
        "How much better the spread sees his club than the record does: -spread minus the "
        "difference of the clubs' mean margins of the season before the day. News of who plays "
        "shows here",
        unit="points",
        max_null_rate=0.08,
        between=(-150, 150),
    ),
    Column(
        "implied_points_surprise",
        "FLOAT64",
        "implied_club_points minus his club's mean points of the season before the day",
        unit="points",
        max_null_rate=0.08,
        between=(-120, 120),
    ),
)

TEAMMATES = (
    Column(
        "teammate_minutes_expected",
        "FLOAT64",
        "Sum over his club's other players, those whose last game was for it this season, of "
        "minutes_form_40 x availability; availability is 0.9 halved for each club game missed in "
        "a row, an estimate from box scores, not from a report. NULL before the club's first game",
        unit="minutes",
        max_null_rate=UNCOMPARED,
        between=(0, 600),
    ),
    Column(
        "teammate_points_expected",
        "FLOAT64",
        "The same sum of points_form_40 x availability",
        unit="points",
        max_null_rate=UNCOMPARED,
        between=(0, 300),
    ),
    Column(
        "rotation_expected",
        "FLOAT64",
        "Sum of the availability of those with at least 10 minutes in form",
        unit="players",
        max_null_rate=UNCOMPARED,
        between=(0, 25),
    ),
    Column(
        "teammate_minutes_lost",
        "FLOAT64",
        "Sum of minutes_form_40 x (1 - availability) of those with at least 10 minutes",
        unit="minutes",
        max_null_rate=UNCOMPARED,
        between=(0, 600),
    ),
    Column(
        "teammate_points_lost",
        "FLOAT64",
        "The same sum of points_form_40 x (1 - availability)",
        unit="points",
        max_null_rate=UNCOMPARED,
        between=(0, 300),
    ),
    Column(
        "minutes_projected",
        "FLOAT64",
        "His part of the club's 240 minutes: 240 x minutes_form_40 / (minutes_form_40 + "
        "teammate_minutes_expected)",
        unit="minutes",
        max_null_rate=UNCOMPARED,
        between=(0, 240),
    ),
    Column(
        "points_projected",
        "FLOAT64",
        "minutes_projected x points_form_40 / minutes_form_40",
        unit="points",
        max_null_rate=UNCOMPARED,
        between=(0, 400),
    ),
    Column(
        "alike_minutes_expected",
        "FLOAT64",
        "As teammate_minutes_expected, of those with at least 10 minutes, each weighed by how "
        "alike he plays (1 = the same): a Gaussian of the differences in rebounds (scale 0.08) "
        "and assists (0.06) per minute and in the share of threes (0.25) over the last 40 games",
        unit="minutes",
        max_null_rate=UNCOMPARED,
        between=(0, 600),
    ),
    Column(
        "alike_minutes_lost",
        "FLOAT64",
        "The same sum of minutes_form_40 x (1 - availability)",
        unit="minutes",
        max_null_rate=UNCOMPARED,
        between=(0, 600),
    ),
    Column(
        "share_among_alike",
        "FLOAT64",
        "minutes_form_40 / (minutes_form_40 + alike_minutes_expected)",
        unit="fraction",
        max_null_rate=UNCOMPARED,
        between=(0, 1),
    ),
)

FEATURE_COLUMNS = (*FORM, *LAST_GAMES, *STANDING, *MARKET, *TEAMMATES)

CHALLENGER_FEATURES = tuple(column.name for column in FEATURE_COLUMNS)
"""The inputs in the order the model reads them, after the 33; a model fitted on another tuple
must not be asked with this one."""

TABLE = Table(
    name="challenger_features",
    dataset="nba_predictions",
    layer=Layer.PREDICTIONS,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    reads={
        "upcoming_player_game_context": Window.same_day(),
        "player_game_summary": Window.history(),
        "team_offense_game_summary": Window.season_to_date(before=True),
    },
    description=(
        "Form over all seasons, the market's view of the game and who is likely missing, per "
        "player expected to play: the challenger's inputs beside the 33 of ml_feature_store_v2."
    ),
    source=__file__,
    clustering=("player_lookup",),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        Column("team_abbr", "STRING", "His club as known before tip-off", required=True),
        *FEATURE_COLUMNS,
    ),
    rules=(
        Rule(
            "no_form_without_a_game",
            "(games_in_history = 0) = (points_form_40 IS NULL)",
            "Form is known exactly of those who have played",
        ),
        Rule(
            "season_is_part_of_history",
            "games_this_season <= games_in_history",
            "No more games in the season than in all seasons",
        ),
        Rule(
            "lines_add_up",
            "ABS(implied_club_points - (game_total_line - club_spread) / 2) <= 0.000001",
            "The implied points follow from spread and total",
        ),
        Rule(
            "projection_is_his_part",
            "ABS(minutes_projected * (minutes_form_40 + teammate_minutes_expected)"
            " - 240 * minutes_form_40) <= 0.01",
            "His minutes and his team-mates' share the club's 240",
        ),
    ),
)
