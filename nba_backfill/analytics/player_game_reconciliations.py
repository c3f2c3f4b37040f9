"""What player_game_summary must agree with: team totals, the schedule, and the raw box scores.

Tolerances are derived from how the inputs are rounded, not chosen: whole printed minutes are off
by up to half a minute each, stored minutes and usage by 0.05.
"""

from nba_backfill.core.table import Reconciliation

POINTS_EQUAL_TEAM = Reconciliation(
    name="player_points_equal_team_points",
    description=(
        "A team's player points add up to its points and to the schedule's score, where those are "
        "known."
    ),
    reads=("player_game_summary", "team_offense_game_summary", "games"),
    sql="""
SELECT
  p.game_date AS day, p.game_id, p.team_abbr, p.points AS player_points,
  t.points_scored AS team_points,
  IF(p.team_abbr = g.home_team_abbr, g.home_score, g.away_score) AS schedule_score
FROM (
  SELECT game_date, game_id, team_abbr, SUM(points) AS points
  FROM player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
  GROUP BY game_date, game_id, team_abbr
) AS p
LEFT JOIN team_offense_game_summary AS t
  ON t.game_date = p.game_date AND t.team_abbr = p.team_abbr
LEFT JOIN games AS g
  ON g.game_date = p.game_date AND g.game_id = p.game_id
WHERE p.points != t.points_scored
  OR p.points != IF(p.team_abbr = g.home_team_abbr, g.home_score, g.away_score)
""",
)

RESULT_EQUALS_TEAM = Reconciliation(
    name="player_result_equals_team_result",
    description="A player's win flag is his team's.",
    reads=("player_game_summary", "team_offense_game_summary"),
    sql="""
SELECT p.game_date AS day, p.game_id, p.player_lookup, p.win_flag, t.win_flag AS team_win_flag
FROM player_game_summary AS p
JOIN team_offense_game_summary AS t
  ON t.game_date = p.game_date AND t.team_abbr = p.team_abbr
WHERE p.game_date BETWEEN @start_date AND @end_date AND p.win_flag != t.win_flag
""",
)

# A whole number may be a rounded one (off by half a minute); others are off by the stored 0.05.
MINUTES_EQUAL_TEAM = Reconciliation(
    name="player_minutes_equal_team_minutes",
    description=(
        "A team's player minutes add up to its minutes: within 1 where all carry seconds, plus "
        "half a minute for each player whose minutes are a whole number."
    ),
    reads=("player_game_summary", "team_offense_game_summary"),
    blocking=False,
    sql="""
SELECT p.game_date AS day, p.game_id, p.team_abbr, p.minutes, t.minutes_total, p.tolerance
FROM (
  SELECT
    game_date, game_id, team_abbr, SUM(minutes_played) AS minutes,
    1 + 0.5 * COUNTIF(minutes_played = TRUNC(minutes_played))
      + 0.05 * COUNTIF(minutes_played != TRUNC(minutes_played)) AS tolerance
  FROM player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
  GROUP BY game_date, game_id, team_abbr
  HAVING COUNTIF(minutes_played IS NULL) = 0
) AS p
JOIN team_offense_game_summary AS t
  ON t.game_date = p.game_date AND t.team_abbr = p.team_abbr
WHERE ABS(p.minutes - t.minutes_total) > p.tolerance
""",
)

# Sum over players of usage x minutes = 100 x game minutes x (players' possessions / team's):
# minutes cancel out of the formula, so it holds whatever the minutes are. What remains is the
# rounding of usage and minutes to a tenth, at most 0.05 x (minutes + usage) per player. A team
# with a capped usage (100) is not judged.
USAGE_EQUALS_TEAM = Reconciliation(
    name="usage_adds_up",
    description=(
        "Over a team, usage x minutes adds up to 100 x game minutes x the players' share of the "
        "team's possessions, within the rounding of both to one decimal."
    ),
    reads=("player_game_summary", "team_offense_game_summary"),
    blocking=False,
    sql="""
SELECT
  p.game_date AS day, p.game_id, p.team_abbr, p.usage_minutes,
  20 * t.minutes_total * p.used_x100
    / (100 * (t.fg_attempts + t.turnovers) + 44 * t.ft_attempts) AS expected_usage_minutes,
  p.tolerance
FROM (
  SELECT
    game_date, game_id, team_abbr,
    SUM(CAST(usage_rate AS FLOAT64) * CAST(minutes_played AS FLOAT64)) AS usage_minutes,
    SUM(100 * (fg_attempts + turnovers) + 44 * ft_attempts) AS used_x100,
    0.05 * (CAST(SUM(minutes_played) AS FLOAT64) + CAST(SUM(usage_rate) AS FLOAT64)) + 1
      AS tolerance
  FROM player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date AND usage_rate IS NOT NULL
  GROUP BY game_date, game_id, team_abbr
  HAVING MAX(usage_rate) < 100
) AS p
JOIN team_offense_game_summary AS t
  ON t.game_date = p.game_date AND t.team_abbr = p.team_abbr
WHERE ABS(
  p.usage_minutes
  - 20 * t.minutes_total * p.used_x100
    / (100 * (t.fg_attempts + t.turnovers) + 44 * t.ft_attempts)
) > p.tolerance
""",
)

FIVE_START = Reconciliation(
    name="five_start_for_each_team",
    description="Where it is known who started, five of the team did.",
    reads=("player_game_summary",),
    sql="""
SELECT game_date AS day, game_id, team_abbr, COUNTIF(starter_flag) AS starters
FROM player_game_summary
WHERE game_date BETWEEN @start_date AND @end_date
GROUP BY game_date, game_id, team_abbr
HAVING COUNT(starter_flag) > 0 AND COUNTIF(starter_flag) != 5
""",
)

PLUS_MINUS_EQUALS_MARGIN = Reconciliation(
    name="plus_minus_adds_up",
    description="A team's plus-minus adds up to five times its margin (gamebook games).",
    reads=("player_game_summary", "team_offense_game_summary"),
    blocking=False,
    sql="""
SELECT
  p.game_date AS day, p.game_id, p.team_abbr, p.team_sum, 5 * t.margin_of_victory AS expected
FROM (
  SELECT game_date, game_id, team_abbr, SUM(plus_minus) AS team_sum
  FROM player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
  GROUP BY game_date, game_id, team_abbr
  HAVING COUNTIF(plus_minus IS NULL) = 0
) AS p
JOIN team_offense_game_summary AS t
  ON t.game_date = p.game_date AND t.team_abbr = p.team_abbr
WHERE p.team_sum != 5 * t.margin_of_victory
""",
)

POINTS_EQUAL_BOX = Reconciliation(
    name="points_equal_box_points",
    description="A game's rows are those of who appeared in its accepted box score, and so points.",
    reads=("player_game_summary", "player_boxes"),
    sql="""
SELECT
  COALESCE(p.game_date, b.game_date) AS day,
  COALESCE(p.game_id, b.game_id) AS game_id,
  COALESCE(p.player_lookup, b.player_lookup) AS player_lookup,
  p.points,
  b.points AS box_points
FROM (
  SELECT * FROM player_game_summary WHERE game_date BETWEEN @start_date AND @end_date
) AS p
FULL OUTER JOIN (
  SELECT *
  FROM player_boxes
  WHERE game_date BETWEEN @start_date AND @end_date
    AND appeared
    AND game_id IN (SELECT game_id FROM player_game_summary)
) AS b
  ON b.game_date = p.game_date
  AND b.player_lookup = p.player_lookup
WHERE p.player_lookup IS NULL
  OR b.player_lookup IS NULL
  OR p.game_id != b.game_id
  OR COALESCE(p.points != b.points, TRUE)
""",
)

# Recomputed from the raw rows without staging's choices: newest load per printed name, points, of
# the clubs that the row itself pairs. Where a vendor contradicts itself it differs from staging,
# which then is right, so it only warns.
POINTS_EQUAL_RAW = Reconciliation(
    name="points_equal_raw_points",
    description=(
        "Per player and game, points equal those of the newest raw row of the source the row "
        "names; a raw scorer without a row counts as a difference."
    ),
    reads=(
        "player_game_summary",
        "player_names",
        "nbac_gamebook_player_stats",
        "bdl_player_boxscores",
    ),
    blocking=False,
    sql="""
WITH raw_rows AS (
  SELECT
    game_date, team_abbr, home_team_abbr, away_team_abbr, player_name, points, processed_at,
    'nbac_gamebook' AS source
  FROM nbac_gamebook_player_stats
  WHERE game_date BETWEEN @start_date AND @end_date AND player_status = 'active'
  UNION ALL
  SELECT
    game_date, team_abbr, home_team_abbr, away_team_abbr, player_full_name, points, processed_at,
    'bdl_boxscores'
  FROM bdl_player_boxscores
  WHERE game_date BETWEEN @start_date AND @end_date
),

newest AS (
  SELECT raw_rows.*, player_names.player_lookup
  FROM raw_rows
  JOIN player_names
    ON player_names.game_date = raw_rows.game_date
    AND player_names.player_name = raw_rows.player_name
  WHERE raw_rows.team_abbr IN (raw_rows.home_team_abbr, raw_rows.away_team_abbr)
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY raw_rows.source, raw_rows.game_date, player_names.player_lookup
    ORDER BY raw_rows.processed_at DESC, raw_rows.player_name
  ) = 1
),

summary AS (
  SELECT game_date, team_abbr, player_lookup, points, primary_source_used
  FROM player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
),

teams AS (
  SELECT DISTINCT game_date, team_abbr, primary_source_used
  FROM summary
),

raw_facts AS (
  SELECT newest.game_date, newest.player_lookup, newest.source, newest.points
  FROM newest
  JOIN teams
    ON teams.game_date = newest.game_date
    AND teams.team_abbr = newest.team_abbr
    AND teams.primary_source_used = newest.source
)

SELECT
  COALESCE(summary.game_date, raw_facts.game_date) AS day,
  COALESCE(summary.player_lookup, raw_facts.player_lookup) AS player_lookup,
  summary.points AS points,
  raw_facts.points AS raw_points
FROM summary
FULL OUTER JOIN raw_facts
  ON raw_facts.game_date = summary.game_date
  AND raw_facts.player_lookup = summary.player_lookup
  AND raw_facts.source = summary.primary_source_used
WHERE COALESCE(summary.points, 0) != COALESCE(raw_facts.points, 0)
  OR raw_facts.player_lookup IS NULL
""",
)

RECONCILIATIONS = (
    POINTS_EQUAL_TEAM,
    RESULT_EQUALS_TEAM,
    MINUTES_EQUAL_TEAM,
    USAGE_EQUALS_TEAM,
    FIVE_START,
    PLUS_MINUS_EQUALS_MARGIN,
    POINTS_EQUAL_BOX,
    POINTS_EQUAL_RAW,
)
