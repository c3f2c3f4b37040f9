"""Offence of one team in one final game: box score, zones, possessions, pace and result.

Formulas: spec 20, 2.4 and 3.2; possessions as published (see the column). The source is decided
per game in `team_boxes`, so a row never mixes two of them.
"""

from nba_backfill.analytics.published_league import LEAGUE_AS_PUBLISHED
from nba_backfill.analytics.quality import quality_columns
from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window

ONE_WINNER = Reconciliation(
    name="one_winner_per_game",
    description="The win flags of the two teams of a game are opposite.",
    reads=("team_offense_game_summary",),
    sql="""
SELECT game_date AS day, game_id, COUNT(*) AS team_rows, COUNTIF(win_flag) AS winners
FROM team_offense_game_summary
WHERE game_date BETWEEN @start_date AND @end_date
GROUP BY game_date, game_id
HAVING COUNT(*) != 2 OR COUNTIF(win_flag) != 1 OR SUM(margin_of_victory) != 0
""",
)

SCHEDULE_SCORE = Reconciliation(
    name="points_equal_schedule_score",
    description="Points scored equal the final score in the schedule.",
    reads=("team_offense_game_summary", "games"),
    sql="""
SELECT
  t.game_date AS day, t.game_id, t.team_abbr, t.points_scored,
  IF(t.team_abbr = g.home_team_abbr, g.home_score, g.away_score) AS schedule_score
FROM team_offense_game_summary AS t
LEFT JOIN games AS g ON g.game_date = t.game_date AND g.game_id = t.game_id
WHERE t.game_date BETWEEN @start_date AND @end_date
  AND (
    g.game_id IS NULL
    OR t.points_scored != IF(t.team_abbr = g.home_team_abbr, g.home_score, g.away_score)
  )
""",
)

ONE_COUNT_OF_POSSESSIONS = Reconciliation(
    name="one_count_of_possessions",
    description="Both teams of a game have its possessions: the mean of the counts of their boxes.",
    reads=("team_offense_game_summary",),
    sql="""
WITH counts AS (
  SELECT
    own.game_date, own.game_id, own.team_abbr, own.possessions,
    own.fg_attempts + 0.4 * own.ft_attempts + own.turnovers + COALESCE(own.team_turnovers, 0)
      - 1.07 * (own.fg_attempts - own.fg_makes) * SAFE_DIVIDE(
        own.offensive_rebounds,
        CAST(own.offensive_rebounds + opponent.defensive_rebounds AS FLOAT64)
      ) AS own_count
  FROM team_offense_game_summary AS own
  JOIN team_offense_game_summary AS opponent
    ON opponent.game_date = own.game_date AND opponent.team_abbr = own.opponent_team_abbr
  WHERE own.game_date BETWEEN @start_date AND @end_date
)

SELECT
  game_date AS day, game_id, MIN(possessions) AS fewer, MAX(possessions) AS more,
  SUM(own_count) / COUNT(*) AS mean_of_both
FROM counts
GROUP BY game_date, game_id
HAVING MIN(possessions) != MAX(possessions)
  OR ABS(CAST(MIN(possessions) AS FLOAT64) - SUM(own_count) / COUNT(*)) > 0.051
""",
)

TABLE = Table(
    name="team_offense_game_summary",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "team_abbr"),
    unique=(("game_id", "team_abbr"),),
    reads={"team_boxes": Window.same_day(), "shot_zones": Window.same_day()},
    description="Offence per team and final game; both teams of a game or neither.",
    source=__file__,
    clustering=("team_abbr",),
    expects=Rows.one_per_team_game(),
    columns=(
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("nba_game_id", "STRING", "The league's ten-digit game id", max_null_rate=0.01),
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("team_abbr", "STRING", "The team the row is about", required=True),
        Column("opponent_team_abbr", "STRING", "The other team", required=True),
        Column("home_game", "BOOL", "Whether the schedule calls the team home", required=True),
        Column("points_scored", "INT64", "Final score", required=True, between=(50, 200)),
        Column("fg_makes", "INT64", "Field goals made", max_null_rate=0, between=(0, 100)),
        Column("fg_attempts", "INT64", "Field goals attempted", max_null_rate=0, between=(1, 200)),
        Column("three_pt_makes", "INT64", "Threes made", max_null_rate=0, between=(0, 60)),
        Column("three_pt_attempts", "INT64", "Threes attempted", max_null_rate=0, between=(0, 120)),
        Column("ft_makes", "INT64", "Free throws made", max_null_rate=0, between=(0, 100)),
        Column("ft_attempts", "INT64", "Free throws attempted", max_null_rate=0, between=(0, 120)),
        Column("rebounds", "INT64", "Rebounds of players", max_null_rate=0, between=(0, 120)),
        Column("offensive_rebounds", "INT64", "Offensive part of rebounds", between=(0, 60)),
        Column("defensive_rebounds", "INT64", "Defensive part of rebounds", between=(0, 90)),
        Column("assists", "INT64", "Assists", between=(0, 80)),
        Column("steals", "INT64", "Steals", between=(0, 50)),
        Column("blocks", "INT64", "Shots of the opponent blocked", between=(0, 50)),
        Column("turnovers", "INT64", "Players' turnovers", max_null_rate=0, between=(0, 60)),
        Column(
            "team_turnovers",
            "INT64",
            "Turnovers charged to the team and no player, from play-by-play, else from an official "
            "row that counts them; NULL if unknown",
            between=(0, 20),
        ),
        Column("personal_fouls", "INT64", "Fouls committed", between=(0, 80)),
        Column(
            "team_paint_attempts",
            "INT64",
            "Shots from at most 8 feet (a distance proxy of the paint); NULL without play-by-play",
            null_rate_where="shot_zones_available",
            max_null_rate=0,
            between=(0, 120),
        ),
        Column("team_paint_makes", "INT64", "Made shots among team_paint_attempts"),
        Column(
            "team_mid_range_attempts",
            "INT64",
            "Two-point shots from beyond 8 feet; NULL without play-by-play",
            null_rate_where="shot_zones_available",
            max_null_rate=0,
            between=(0, 120),
        ),
        Column("team_mid_range_makes", "INT64", "Made shots among team_mid_range_attempts"),
        Column(
            "team_unlocated_attempts",
            "INT64",
            "Two-point shots without a distance, counted in no zone; NULL without play-by-play",
        ),
        Column("points_in_paint_scored", "INT64", "2 x team_paint_makes", unit="points"),
        Column(
            "second_chance_points_scored",
            "INT64",
            "Always NULL: no source says which points followed an offensive rebound",
        ),
        Column(
            "offensive_rating",
            "NUMERIC(6,2)",
            "Points scored per 100 possessions of the game",
            max_null_rate=0,
            between=(60, 180),
        ),
        Column(
            "pace",
            "NUMERIC(5,1)",
            "Possessions per 48 minutes of game time, so overtime does not inflate it; "
            "NULL if the game's length is unknown",
            unit="possessions per 48 min",
            max_null_rate=0,
            between=(75, 130),
        ),
        Column(
            "possessions",
            "NUMERIC(6,1)",
            "Possessions of the game, one number for both teams, overtime included: the mean of "
            "the two teams' FGA + 0.4 FTA - 1.07 x ORB / (ORB + opponent's DRB) x (FGA - FG) + "
            "TOV (Basketball-Reference's glossary). TOV is turnovers + team_turnovers; where "
            "the latter are unknown (issue team_turnovers_unknown) they are left out, which is "
            "about 0.7 possessions too few. Replaces the specification's one-sided estimate",
            max_null_rate=0,
            between=(50, 200),
        ),
        Column(
            "ts_pct",
            "NUMERIC(5,3)",
            "True shooting: points / (2 x (FGA + 0.44 x FTA))",
            unit="fraction",
            between=(0, 2),
        ),
        Column(
            "minutes_total",
            "INT64",
            "Player-minutes of the team: 240, and 25 more per overtime; NULL if unknown",
            unit="player-minutes",
            max_null_rate=0,
            between=(240, 440),
        ),
        Column("overtime_periods", "INT64", "Overtimes played; NULL if unknown", between=(0, 8)),
        Column("win_flag", "BOOL", "Whether the team won", required=True),
        Column(
            "margin_of_victory",
            "INT64",
            "Points minus the opponent's points; negative in a loss",
            unit="points",
            required=True,
            between=(-100, 100),
        ),
        Column("shot_zones_available", "BOOL", "Whether the game has play-by-play", required=True),
        Column("shot_zones_source", "STRING", "Source of the zone columns; NULL without one"),
        Column(
            "primary_source_used",
            "STRING",
            "nbac_team_boxscore (official) or player_sum (sum over the player box scores)",
            required=True,
            one_of=("nbac_team_boxscore", "player_sum"),
        ),
        *quality_columns(
            "gold 100 official team box score, silver 85 reconstructed from player rows",
            "backup_source_used, reconstructed, shot_zones_unavailable, overtime_unknown, "
            "team_turnovers_unknown",
            tiers=("gold", "silver"),
        ),
    ),
    rules=(
        Rule(
            "points_add_up",
            "points_scored = 2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes",
            "Points follow from made shots",
        ),
        Rule(
            "makes_within_attempts",
            "fg_makes <= fg_attempts AND three_pt_makes <= three_pt_attempts"
            " AND ft_makes <= ft_attempts AND three_pt_makes <= fg_makes"
            " AND three_pt_attempts <= fg_attempts AND team_paint_makes <= team_paint_attempts"
            " AND team_mid_range_makes <= team_mid_range_attempts",
            "No more makes than attempts, no more threes than field goals",
        ),
        Rule(
            "win_flag_matches_margin",
            "margin_of_victory != 0 AND win_flag = (margin_of_victory > 0)",
            "The winner has the positive margin; there are no draws",
        ),
        Rule("two_different_teams", "team_abbr != opponent_team_abbr", "A team has an opponent"),
        Rule(
            "minutes_on_the_overtime_grid",
            "minutes_total = 240 + 25 * overtime_periods",
            "Player-minutes are 240 plus 25 per overtime",
        ),
        Rule(
            "zones_within_field_goals",
            "ABS(team_paint_attempts + team_mid_range_attempts + team_unlocated_attempts"
            " + three_pt_attempts - fg_attempts) <= 2",
            "Zones, unlocated shots and threes add up to the field-goal attempts, +- 2",
            blocking=False,
        ),
    ),
    reconciliations=(ONE_WINNER, SCHEDULE_SCORE, ONE_COUNT_OF_POSSESSIONS, LEAGUE_AS_PUBLISHED),
)
