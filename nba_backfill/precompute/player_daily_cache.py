"""Form of every player expected to play on day D: points, minutes, usage, club (spec 30, 5).

One population: the pool of `upcoming_player_game_context`, less those with fewer than 5 games of
the season. Player averages follow him across clubs, club averages are those of his club on D;
both are bounded by the season and strictly before D.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.precompute.window_columns import window_columns, window_rule

WITHIN_POOL = Reconciliation(
    name="cache_holds_the_pool",
    description=(
        "Every row is of a player in the day's pool at that club, and every player of the pool "
        "with 5 games of the season (those in player_shot_zone_analysis) has a row."
    ),
    reads=(
        "player_daily_cache",
        "upcoming_player_game_context",
        "player_shot_zone_analysis",
    ),
    sql="""
SELECT
  COALESCE(c.cache_date, u.game_date) AS day,
  COALESCE(c.player_lookup, u.player_lookup) AS player_lookup,
  c.team_abbr AS cache_club,
  u.team_abbr AS pool_club
FROM player_daily_cache AS c
FULL OUTER JOIN upcoming_player_game_context AS u
  ON u.game_date = c.cache_date AND u.player_lookup = c.player_lookup
LEFT JOIN player_shot_zone_analysis AS z
  ON z.analysis_date = u.game_date AND z.player_lookup = u.player_lookup
WHERE COALESCE(c.cache_date, u.game_date) BETWEEN @start_date AND @end_date
  AND (
    u.player_lookup IS NULL
    OR c.team_abbr != u.team_abbr
    OR (c.player_lookup IS NULL AND z.player_lookup IS NOT NULL)
  )
""",
)

COPIES = Reconciliation(
    name="copies_pool_and_zones",
    description="Columns copied from the pool and from the shot zones equal their originals.",
    reads=(
        "player_daily_cache",
        "upcoming_player_game_context",
        "player_shot_zone_analysis",
    ),
    sql="""
SELECT c.cache_date AS day, c.player_lookup
FROM player_daily_cache AS c
JOIN upcoming_player_game_context AS u
  ON u.game_date = c.cache_date AND u.player_lookup = c.player_lookup
LEFT JOIN player_shot_zone_analysis AS z
  ON z.analysis_date = c.cache_date AND z.player_lookup = c.player_lookup
WHERE c.cache_date BETWEEN @start_date AND @end_date
  AND (
    c.games_in_last_7_days != u.games_in_last_7_days
    OR c.minutes_in_last_14_days != u.minutes_in_last_14_days
    OR COALESCE(c.player_age, 0) != COALESCE(u.player_age, 0)
    OR c.shot_zone_data_available != (z.player_lookup IS NOT NULL)
    OR COALESCE(c.paint_rate_last_10, -1) != COALESCE(z.paint_rate_last_10, -1)
    OR COALESCE(c.primary_scoring_zone, '') != COALESCE(z.primary_scoring_zone, '')
  )
""",
)

TABLE = Table(
    name="player_daily_cache",
    dataset="nba_precompute",
    layer=Layer.PRECOMPUTE,
    date_column="cache_date",
    grain=("cache_date", "player_lookup"),
    reads={
        "upcoming_player_game_context": Window.same_day(),
        "player_game_summary": Window.season_to_date(before=True),
        "team_offense_game_summary": Window.season_to_date(before=True),
        "player_shot_zone_analysis": Window.same_day(),
        # The final games the facts must hold.
        "games": Window.season_to_date(before=True),
    },
    description="Form per player of the day's pool with 5 games of the season before the day.",
    source=__file__,
    steps=("shared/games_played", "shared/finals", "shared/games_lost"),
    clustering=("player_lookup", "universal_player_id"),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    columns=(
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        Column(
            "universal_player_id",
            "STRING",
            "Registry id; NULL if the name resolves to nobody",
            max_null_rate=0.05,
        ),
        Column(
            "cache_date",
            "DATE",
            "Day D, US-Eastern: what was known before its games",
            required=True,
        ),
        Column("team_abbr", "STRING", "His club on D", required=True),
        Column(
            "points_avg_last_5",
            "FLOAT64",
            "Mean points of his last 5 games of the season before D",
            unit="points",
            required=True,
            between=(0, 100),
        ),
        Column(
            "points_avg_last_10",
            "FLOAT64",
            "Mean points of his last 10 games of the season before D (fewer if fewer)",
            unit="points",
            required=True,
            between=(0, 100),
        ),
        Column(
            "points_avg_season",
            "FLOAT64",
            "Mean points of all his games of the season before D",
            unit="points",
            required=True,
            between=(0, 100),
        ),
        Column(
            "points_std_last_10",
            "FLOAT64",
            "Sample standard deviation (n - 1) of his points in those last 10 games",
            unit="points",
            required=True,
            between=(0, 50),
        ),
        Column(
            "minutes_avg_last_10",
            "FLOAT64",
            "Mean minutes of the last 10 games, those with known minutes",
            unit="minutes",
            max_null_rate=0.002,
            between=(0, 69),
        ),
        Column(
            "usage_rate_last_10",
            "FLOAT64",
            "Mean usage of the last 10 games, those with known usage",
            unit="percent 0-100",
            max_null_rate=0.01,
            between=(0, 100),
        ),
        Column(
            "ts_pct_last_10",
            "FLOAT64",
            "Mean of the games' true shooting over the last 10, those with attempts",
            unit="fraction",
            max_null_rate=0.02,
            between=(0, 2),
        ),
        Column(
            "games_played_season",
            "INT64",
            "His games of the season before D",
            required=True,
            between=(5, 115),
        ),
        Column(
            "player_usage_rate_season",
            "FLOAT64",
            "Mean usage of all his games of the season before D, those with known usage",
            unit="percent 0-100",
            max_null_rate=0.01,
            between=(0, 100),
        ),
        Column(
            "team_pace_last_10",
            "FLOAT64",
            "Mean pace of his club on D over its last 10 games of the season before D",
            unit="possessions per 48 min",
            max_null_rate=0,
            between=(75, 130),
        ),
        Column(
            "team_off_rating_last_10",
            "FLOAT64",
            "Mean offensive rating of his club on D over those games",
            unit="points per 100 possessions",
            max_null_rate=0,
            between=(60, 180),
        ),
        Column(
            "games_in_last_7_days",
            "INT64",
            "Games in [D-7, D-1]; copied from the pool, as the next five",
            required=True,
            between=(0, 6),
        ),
        Column(
            "games_in_last_14_days",
            "INT64",
            "Games in [D-14, D-1]",
            required=True,
            between=(0, 11),
        ),
        Column(
            "minutes_in_last_7_days",
            "INT64",
            "Minutes in [D-7, D-1]",
            unit="minutes",
            required=True,
            between=(0, 350),
        ),
        Column(
            "minutes_in_last_14_days",
            "INT64",
            "Minutes in [D-14, D-1]",
            unit="minutes",
            required=True,
            between=(0, 600),
        ),
        Column(
            "back_to_backs_last_14_days",
            "INT64",
            "Pairs of games on consecutive dates in [D-14, D-1]",
            required=True,
            between=(0, 7),
        ),
        Column(
            "avg_minutes_per_game_last_7",
            "FLOAT64",
            "Minutes per game over [D-7, D-1]; NULL without a game",
            unit="minutes",
            between=(0, 69),
        ),
        Column(
            "fourth_quarter_minutes_last_7",
            "INT64",
            "Always NULL: needs the line-up on court at every moment",
            unit="minutes",
        ),
        Column(
            "primary_scoring_zone",
            "STRING",
            "paint, perimeter, mid_range or balanced; copy of player_shot_zone_analysis on D, as "
            "the next two",
            one_of=("paint", "perimeter", "mid_range", "balanced"),
        ),
        Column(
            "paint_rate_last_10",
            "FLOAT64",
            "Share of his shots of the last 10 games taken in the paint",
            unit="percent 0-100",
            max_null_rate=0.02,
            null_rate_where="NOT early_season_flag",
            between=(0, 100),
        ),
        Column(
            "three_pt_rate_last_10",
            "FLOAT64",
            "Share of his shots of the last 10 games that were threes",
            unit="percent 0-100",
            max_null_rate=0.02,
            null_rate_where="NOT early_season_flag",
            between=(0, 100),
        ),
        Column(
            "assisted_rate_last_10",
            "FLOAT64",
            "Share of his made shots that a team-mate assisted, over the games of the last 10 with "
            "play-by-play; NULL with fewer than 5 such games or without a make. A fraction, unlike "
            "the percentage of this name in player_shot_zone_analysis",
            unit="fraction 0-1",
            max_null_rate=0.03,
            null_rate_where="NOT early_season_flag",
            between=(0, 1.1),
        ),
        Column(
            "n_zone_10",
            "INT64",
            "Games of the last 10 with play-by-play: the base of assisted_rate_last_10",
            required=True,
            between=(0, 10),
        ),
        Column(
            "player_age",
            "INT64",
            "Whole years at D, copied from the pool; NULL if unknown",
            unit="years",
            max_null_rate=0.2,
            between=(18, 50),
        ),
        Column("early_season_flag", "BOOL", "5 to 9 games of the season before D", required=True),
        Column(
            "shot_zone_data_available",
            "BOOL",
            "Whether player_shot_zone_analysis has a row of his for D",
            required=True,
        ),
        Column("last_game_date", "DATE", "Date of his newest game before D", required=True),
        *window_columns(
            "window",
            wanted=10,
            minimum=5,
            lost="Final games of his club between the games of the last 10, or after them and "
            "before D, in which we have facts of none of its players",
        ),
        Column(
            "season_games_missing",
            "INT64",
            "As window_games_missing, since his first game of the season: what the season averages "
            "may lack",
            required=True,
            between=(0, 110),
        ),
        *window_columns(
            "team_window",
            wanted=10,
            minimum=0,
            lost="Final games before D without facts of the club of D, since its window's first "
            "game, or since opening night while the window is not full",
        ),
        Column("cache_version", "STRING", "Version of the row's layout", required=True),
    ),
    rules=(
        Rule(
            "strictly_before_the_day",
            "last_game_date < cache_date",
            "No game of the day or later is in the averages",
        ),
        Rule(
            "early_season_follows_games",
            "early_season_flag = (games_played_season < 10)"
            " AND window_games_found = LEAST(games_played_season, 10)",
            "The flag and the window agree with the number of games",
        ),
        Rule(
            "windows_nest",
            "games_in_last_7_days <= games_in_last_14_days"
            " AND minutes_in_last_7_days <= minutes_in_last_14_days"
            " AND window_games_missing <= season_games_missing AND n_zone_10 <= window_games_found",
            "Longer windows hold at least what shorter ones hold",
        ),
        window_rule("window"),
        window_rule("team_window"),
    ),
    reconciliations=(WITHIN_POOL, COPIES),
)
