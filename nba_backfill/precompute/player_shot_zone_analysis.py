"""Where every player of the season shoots from: his last 10 and 20 games before day D (spec 30, 3).

Rows are dense: each player with 5 games of the season, on every day with games, playing or not.
A game counts if he was on court or in the box score's shooting columns (U5). All zone figures
rest on the games that have play-by-play, threes and makes included; else the share of threes,
which box scores always have, would come out too high.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.precompute.window_columns import window_columns, window_rule

NO_ZONES = "NULL with fewer than 5 such games"
QUALITIES = ("excellent", "good", "limited", "insufficient")

ENOUGH_PLAYERS = Reconciliation(
    name="enough_players_for_the_day",
    description="At least 250 players from day 28 of a season and 400 from day 60.",
    reads=("player_shot_zone_analysis",),
    blocking=False,
    sql="""
SELECT analysis_date AS day, MIN(day_of_season) AS season_day, COUNT(*) AS players
FROM player_shot_zone_analysis
WHERE analysis_date BETWEEN @start_date AND @end_date
GROUP BY analysis_date
HAVING COUNT(*) < MIN(CASE WHEN day_of_season >= 60 THEN 400 WHEN day_of_season >= 28 THEN 250
                      ELSE 1 END)
""",
)

# Bands: spec 31, section 4, from 2022-23 to 2024-25; between two of its days the span of both
# holds, widened by 8 points either way: 2021-22, which is not among them, falls 5 short on day 35,
# and the demo league, whose first weeks are denser, 7 on day 25.
EXPECTED_INCOMPLETE = Reconciliation(
    name="players_without_ten_games_as_expected",
    description="The share of the season's players without 10 games suits the day of the season.",
    reads=("player_shot_zone_analysis",),
    blocking=False,
    sql="""
SELECT day, day_of_season, 100 * share AS percent_without_ten_games
FROM (
  SELECT
    analysis_date AS day,
    MIN(day_of_season) AS day_of_season,
    1 - COUNTIF(meets_min_games) / MIN(players_in_season) AS share
  FROM player_shot_zone_analysis
  WHERE analysis_date BETWEEN @start_date AND @end_date
  GROUP BY analysis_date
)
WHERE NOT CASE
  WHEN day_of_season <= 16 THEN share >= 0.92
  WHEN day_of_season <= 18 THEN share >= 0.74
  WHEN day_of_season <= 21 THEN share >= 0.50
  WHEN day_of_season <= 25 THEN share BETWEEN 0.36 AND 0.81
  WHEN day_of_season <= 28 THEN share BETWEEN 0.31 AND 0.60
  WHEN day_of_season <= 35 THEN share BETWEEN 0.26 AND 0.56
  WHEN day_of_season <= 42 THEN share BETWEEN 0.20 AND 0.48
  WHEN day_of_season <= 60 THEN share BETWEEN 0.13 AND 0.43
  WHEN day_of_season <= 90 THEN share BETWEEN 0.06 AND 0.36
  ELSE share BETWEEN 0.05 AND 0.30
END
""",
)

TABLE = Table(
    name="player_shot_zone_analysis",
    dataset="nba_precompute",
    layer=Layer.PRECOMPUTE,
    date_column="analysis_date",
    grain=("analysis_date", "player_lookup"),
    reads={
        # Days that have games, and the final games the facts must hold.
        "games": Window.season_to_date(before=False),
        "player_game_summary": Window.season_to_date(before=True),
    },
    description="Shot zones per player and game day: his last 10 and 20 games before the day.",
    source=__file__,
    steps=("shared/games_played", "shared/finals", "shared/games_lost"),
    clustering=("player_lookup", "universal_player_id", "analysis_date"),
    expects=Rows.per_day(100),
    columns=(
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        Column(
            "universal_player_id",
            "STRING",
            "Registry id in the newest game of the sample; NULL if the name resolves to nobody",
            max_null_rate=0.01,
        ),
        Column(
            "analysis_date",
            "DATE",
            "Day D, US-Eastern: what was known before its games",
            required=True,
        ),
        Column(
            "paint_rate_last_10",
            "FLOAT64",
            "Share of his located shots taken from at most 8 feet, over the games of the last 10 "
            f"with play-by-play; {NO_ZONES}. A percentage, unlike the pct columns",
            unit="percent 0-100",
            max_null_rate=0.02,
            null_rate_where="meets_min_games",
            between=(0, 100),
        ),
        Column(
            "mid_range_rate_last_10",
            "FLOAT64",
            "As paint_rate_last_10, for two-point shots from beyond 8 feet",
            unit="percent 0-100",
            max_null_rate=0.02,
            null_rate_where="meets_min_games",
            between=(0, 100),
        ),
        Column(
            "three_pt_rate_last_10",
            "FLOAT64",
            "As paint_rate_last_10, for the threes of the same games",
            unit="percent 0-100",
            max_null_rate=0.02,
            null_rate_where="meets_min_games",
            between=(0, 100),
        ),
        Column(
            "total_shots_last_10",
            "INT64",
            "Located shots and threes behind the three rates; NULL if there are none",
            between=(1, 500),
        ),
        Column(
            "games_in_sample_10",
            "INT64",
            "Games of the sample: his newest of the season strictly before D, up to 10",
            required=True,
            between=(5, 10),
        ),
        Column(
            "n_zone_10",
            "INT64",
            "Those of them with play-by-play: the denominator of the zone columns",
            required=True,
            between=(0, 10),
        ),
        Column(
            "sample_quality_10",
            "STRING",
            "By games_in_sample_10: 10 excellent, 7-9 good, 5-6 limited",
            required=True,
            one_of=QUALITIES,
        ),
        Column(
            "meets_min_games",
            "BOOL",
            "Whether the sample holds 10 games, which the predecessor of this table required",
            required=True,
        ),
        Column(
            "paint_pct_last_10",
            "FLOAT64",
            f"Share of those paint shots he made; NULL without any, and {NO_ZONES}",
            unit="fraction 0-1",
            max_null_rate=0.01,
            null_rate_where="meets_min_games",
            between=(0, 1),
        ),
        Column(
            "mid_range_pct_last_10",
            "FLOAT64",
            "As paint_pct_last_10, for mid-range",
            unit="fraction 0-1",
            between=(0, 1),
        ),
        Column(
            "three_pt_pct_last_10",
            "FLOAT64",
            "Share of his threes made, over all games of the sample; NULL without any",
            unit="fraction 0-1",
            between=(0, 1),
        ),
        Column(
            "paint_attempts_per_game",
            "FLOAT64",
            f"Paint shots per game of the last 10 with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 60),
        ),
        Column(
            "mid_range_attempts_per_game",
            "FLOAT64",
            f"Mid-range shots per game of the last 10 with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 60),
        ),
        Column(
            "three_pt_attempts_per_game",
            "FLOAT64",
            "Threes attempted per game of the last 10",
            unit="per game",
            required=True,
            between=(0, 40),
        ),
        Column(
            "paint_rate_last_20",
            "FLOAT64",
            "As paint_rate_last_10 over his last 20 games; NULL with fewer than 15 games",
            unit="percent 0-100",
            between=(0, 100),
        ),
        Column(
            "paint_pct_last_20",
            "FLOAT64",
            "As paint_pct_last_10 over his last 20 games; NULL with fewer than 15 games",
            unit="fraction 0-1",
            between=(0, 1),
        ),
        Column(
            "games_in_sample_20",
            "INT64",
            "His newest games of the season strictly before D, up to 20",
            required=True,
            between=(5, 20),
        ),
        Column("n_zone_20", "INT64", "Those with play-by-play", required=True, between=(0, 20)),
        Column(
            "sample_quality_20",
            "STRING",
            "By games_in_sample_20: 20 excellent, 14-19 good, 10-13 limited, else insufficient",
            required=True,
            one_of=QUALITIES,
        ),
        Column(
            "assisted_rate_last_10",
            "FLOAT64",
            "Share of his made shots that a team-mate assisted, over the games of the last 10 with "
            f"play-by-play; {NO_ZONES}. In player_daily_cache the same name is a fraction",
            unit="percent 0-100",
            between=(0, 110),
        ),
        Column(
            "unassisted_rate_last_10",
            "FLOAT64",
            "Share of his made shots that nobody assisted, as assisted_rate_last_10",
            unit="percent 0-100",
            between=(0, 110),
        ),
        Column("player_position", "STRING", "Always NULL: no fact table holds a player's position"),
        Column(
            "primary_scoring_zone",
            "STRING",
            "paint if its rate is 40 or more, else perimeter if that of threes is, else mid_range "
            "if its rate is 35 or more, else balanced; NULL without rates",
            one_of=("paint", "perimeter", "mid_range", "balanced"),
        ),
        Column(
            "data_quality_tier",
            "STRING",
            "By games_in_sample_10: 10 high, 7-9 medium, fewer low",
            required=True,
            one_of=("high", "medium", "low"),
        ),
        Column("last_game_date", "DATE", "Date of the newest game of the sample", required=True),
        *window_columns(
            "window",
            wanted=10,
            minimum=5,
            lost="Final games of his club between the games of the last 10, or after them and "
            "before D, in which we have facts of none of its players",
        ),
        Column(
            "day_of_season",
            "INT64",
            "Days since the season's first game",
            unit="days",
            required=True,
            between=(0, 245),
        ),
        Column(
            "players_in_season",
            "INT64",
            "Players with a game of the season before D, those without a row included; the same "
            "on all rows of a day",
            required=True,
            between=(1, 1000),
        ),
    ),
    rules=(
        Rule(
            "strictly_before_the_day",
            "last_game_date < analysis_date",
            "No game of the day or later is in the sample",
        ),
        Rule(
            "rates_add_up",
            "ABS(paint_rate_last_10 + mid_range_rate_last_10 + three_pt_rate_last_10 - 100) <= 0.1",
            "The three rates add up to 100, give or take 0.1",
        ),
        Rule(
            "rates_together",
            "(paint_rate_last_10 IS NULL) = (three_pt_rate_last_10 IS NULL)"
            " AND (paint_rate_last_10 IS NULL) = (mid_range_rate_last_10 IS NULL)"
            " AND (paint_rate_last_10 IS NULL) = (primary_scoring_zone IS NULL)",
            "All rates are known or none is",
        ),
        Rule(
            "zones_need_five_games",
            "n_zone_10 >= 5 OR (paint_rate_last_10 IS NULL AND paint_pct_last_10 IS NULL"
            " AND assisted_rate_last_10 IS NULL)",
            "Zone figures rest on at least 5 games with play-by-play",
        ),
        Rule(
            "assists_add_up",
            "ABS(assisted_rate_last_10 + unassisted_rate_last_10 - 100) <= 12",
            "Assisted and unassisted makes add up to 100 percent, give or take one of few makes",
            blocking=False,
        ),
        Rule(
            "samples_nest",
            "n_zone_10 <= games_in_sample_10 AND n_zone_20 <= games_in_sample_20"
            " AND games_in_sample_10 = LEAST(games_in_sample_20, 10) AND n_zone_10 <= n_zone_20"
            " AND meets_min_games = (games_in_sample_10 = 10)",
            "The last 20 games hold the last 10",
        ),
        window_rule("window"),
    ),
    reconciliations=(ENOUGH_PLAYERS, EXPECTED_INCOMPLETE),
)
