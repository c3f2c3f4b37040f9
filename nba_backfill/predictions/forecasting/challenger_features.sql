-- One row per player expected to play and day: what the challenger reads beyond the 33 features.

-- A club's day of the range, whether or not it has been played.
WITH fixtures AS (
  SELECT
    game_date,
    season_year,
    team_abbr,
    opponent_team_abbr,
    CAST(MAX(game_spread) AS FLOAT64) AS spread,
    CAST(MAX(game_total) AS FLOAT64) AS total
  FROM upcoming_player_game_context
  GROUP BY game_date, season_year, team_abbr, opponent_team_abbr
),

seasons AS (
  SELECT DISTINCT season_year
  FROM fixtures
),

-- Whoever stands in the pool or has played this season for a club of the range; the others'
-- history serves nobody.
players AS (
  SELECT player_lookup
  FROM upcoming_player_game_context
  UNION DISTINCT
  SELECT g.player_lookup
  FROM player_game_summary AS g
  JOIN (SELECT DISTINCT season_year, team_abbr FROM fixtures) AS f
    ON f.season_year = g.season_year
    AND f.team_abbr = g.team_abbr
),

-- His games over all seasons, numbered. A box line with a figure unknown is no evidence of form.
known_games AS (
  SELECT
    g.player_lookup,
    g.season_year,
    g.game_date,
    g.team_abbr,
    g.points,
    g.fg_attempts,
    g.three_pt_attempts,
    g.ft_attempts,
    g.assists,
    g.offensive_rebounds + g.defensive_rebounds AS rebounds,
    -- Whole tenths and hundredths: sums stay exact, and integers are summed fastest.
    CAST(ROUND(g.minutes_played * 10) AS INT64) AS minute_tenths,
    CAST(ROUND(g.usage_rate * 100) AS INT64) AS usage_hundredths,
    ROW_NUMBER() OVER (PARTITION BY g.player_lookup ORDER BY g.game_date) AS nth
  FROM player_game_summary AS g
  JOIN players
    ON players.player_lookup = g.player_lookup
  WHERE g.minutes_played > 0
    AND g.fg_attempts + g.three_pt_attempts + g.ft_attempts + g.assists + g.offensive_rebounds
      + g.defensive_rebounds IS NOT NULL
    AND g.usage_rate IS NOT NULL
),

-- Games that were his last one on some day of the range: what one leaves behind is valid until the
-- day of his next one.
last_games AS (
  SELECT played.*
  FROM (
    SELECT
      g.*,
      nth - MIN(nth) OVER (PARTITION BY player_lookup, season_year) + 1 AS season_games,
      LAG(minute_tenths) OVER (PARTITION BY player_lookup ORDER BY nth) AS previous_minute_tenths,
      LEAD(game_date) OVER (PARTITION BY player_lookup ORDER BY nth) AS next_played
    FROM known_games AS g
  ) AS played
  CROSS JOIN (SELECT MIN(game_date) AS first_day FROM fixtures) AS range_start
  WHERE played.next_played IS NULL OR played.next_played >= range_start.first_day
),

-- Each with the 119 games before it. Weights fall in a straight line: of 12 games the newest weighs
-- 12, the one before it 11, and those before the twelfth nothing.
weighed AS (
  SELECT
    newest.nth AS newest_nth,
    GREATEST(12 + g.nth - newest.nth, 0) AS w12,
    GREATEST(40 + g.nth - newest.nth, 0) AS w40,
    120 + g.nth - newest.nth AS w120,
    g.*
  FROM last_games AS newest
  JOIN known_games AS g
    ON g.player_lookup = newest.player_lookup
    AND g.nth BETWEEN newest.nth - 119 AND newest.nth
),

means AS (
  SELECT
    player_lookup,
    newest_nth,
    ROUND(SUM(w12 * points) / SUM(w12), 9) AS points_form_12,
    ROUND(SUM(w40 * points) / SUM(w40), 9) AS points_form_40,
    ROUND(SUM(w120 * points) / SUM(w120), 9) AS points_form_120,
    ROUND(SUM(w12 * minute_tenths) / (10 * SUM(w12)), 9) AS minutes_form_12,
    ROUND(SUM(w40 * minute_tenths) / (10 * SUM(w40)), 9) AS minutes_form_40,
    ROUND(SUM(w120 * minute_tenths) / (10 * SUM(w120)), 9) AS minutes_form_120,
    ROUND(SUM(w12 * fg_attempts) / SUM(w12), 9) AS fg_attempts_form_12,
    ROUND(SUM(w40 * fg_attempts) / SUM(w40), 9) AS fg_attempts_form_40,
    ROUND(SUM(w120 * fg_attempts) / SUM(w120), 9) AS fg_attempts_form_120,
    ROUND(SUM(w12 * ft_attempts) / SUM(w12), 9) AS ft_attempts_form_12,
    ROUND(SUM(w40 * ft_attempts) / SUM(w40), 9) AS ft_attempts_form_40,
    ROUND(SUM(w120 * ft_attempts) / SUM(w120), 9) AS ft_attempts_form_120,
    ROUND(SUM(w12 * usage_hundredths) / (100 * SUM(w12)), 9) AS usage_form_12,
    ROUND(SUM(w40 * usage_hundredths) / (100 * SUM(w40)), 9) AS usage_form_40,
    ROUND(SUM(w120 * usage_hundredths) / (100 * SUM(w120)), 9) AS usage_form_120,
    ROUND(SUM(w40 * three_pt_attempts) / SUM(w40), 9) AS three_pt_attempts_form_40,
    ROUND(SUM(w40 * rebounds) / SUM(w40), 9) AS rebounds_form_40,
    ROUND(SUM(w40 * assists) / SUM(w40), 9) AS assists_form_40
  FROM weighed
  GROUP BY player_lookup, newest_nth
),

form AS (
  SELECT
    g.player_lookup,
    g.season_year,
    g.game_date,
    g.team_abbr,
    g.next_played,
    g.nth,
    g.season_games,
    g.points AS points_last_game,
    g.minute_tenths / 10 AS minutes_last_game,
    g.previous_minute_tenths / 10 AS minutes_second_last_game,
    m.* EXCEPT (player_lookup, newest_nth)
  FROM last_games AS g
  JOIN means AS m
    ON m.player_lookup = g.player_lookup
    AND m.newest_nth = g.nth
),

-- Games of a club this season whose player facts we hold, counted up to the day before.
club_days AS (
  SELECT
    team_abbr,
    season_year,
    game_date,
    COALESCE(
      SUM(covered) OVER (
        PARTITION BY team_abbr, season_year ORDER BY game_date
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ), 0
    ) AS games_before
  FROM (
    SELECT team_abbr, season_year, game_date, MAX(covered) AS covered
    FROM (
      SELECT g.team_abbr, g.season_year, g.game_date, 1 AS covered
      FROM player_game_summary AS g
      JOIN seasons
        ON seasons.season_year = g.season_year
      UNION ALL
      SELECT team_abbr, season_year, game_date, 0
      FROM fixtures
    )
    GROUP BY team_abbr, season_year, game_date
  )
),

-- Whose last game before the day was this club's, this season. Who missed it may miss the next:
-- each game missed halves the chance that he plays, which is what three seasons show.
rotation AS (
  SELECT
    f.game_date,
    f.team_abbr,
    p.player_lookup,
    today.games_before - played.games_before - 1 AS games_missed,
    0.9 * POW(0.5, today.games_before - played.games_before - 1) AS availability,
    p.minutes_form_40 AS minutes,
    p.points_form_40 AS points,
    SAFE_DIVIDE(p.rebounds_form_40, p.minutes_form_40) AS rebound_rate,
    SAFE_DIVIDE(p.assists_form_40, p.minutes_form_40) AS assist_rate,
    SAFE_DIVIDE(p.three_pt_attempts_form_40, p.fg_attempts_form_40) AS three_share
  FROM fixtures AS f
  JOIN form AS p
    ON p.team_abbr = f.team_abbr
    AND p.season_year = f.season_year
    AND p.game_date < f.game_date
    AND (p.next_played IS NULL OR p.next_played >= f.game_date)
  JOIN club_days AS today
    ON today.team_abbr = f.team_abbr
    AND today.game_date = f.game_date
  JOIN club_days AS played
    ON played.team_abbr = p.team_abbr
    AND played.game_date = p.game_date
),

-- Nine decimals, so that the sums are exact. Players under 10 minutes are no loss when absent.
expected AS (
  SELECT
    rotation.*,
    CAST(minutes * availability AS NUMERIC(18, 9)) AS minutes_there,
    CAST(points * availability AS NUMERIC(18, 9)) AS points_there,
    CAST(IF(minutes >= 10, minutes * (1 - availability), 0) AS NUMERIC(18, 9)) AS minutes_lost,
    CAST(IF(minutes >= 10, points * (1 - availability), 0) AS NUMERIC(18, 9)) AS points_lost,
    CAST(IF(minutes >= 10, availability, 0) AS NUMERIC(18, 9)) AS players_there
  FROM rotation
),

clubs AS (
  SELECT
    game_date,
    team_abbr,
    SUM(minutes_there) AS minutes_there,
    SUM(points_there) AS points_there,
    SUM(minutes_lost) AS minutes_lost,
    SUM(points_lost) AS points_lost,
    SUM(players_there) AS players_there
  FROM expected
  GROUP BY game_date, team_abbr
),

club_form AS (
  SELECT
    team_abbr,
    season_year,
    game_date,
    LEAD(game_date) OVER (PARTITION BY team_abbr, season_year ORDER BY game_date) AS next_played,
    ROW_NUMBER() OVER (PARTITION BY team_abbr, season_year ORDER BY game_date) AS games,
    SUM(points_scored) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS points,
    SUM(margin_of_victory) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS margins
  FROM team_offense_game_summary
),

-- What the market expects beyond the record: news of who plays moves the lines.
markets AS (
  SELECT
    f.game_date,
    f.team_abbr,
    f.spread,
    f.total,
    (f.total - f.spread) / 2 AS implied_points,
    (f.total - f.spread) / 2 - own.points / CAST(own.games AS FLOAT64) AS points_surprise,
    own.margins / CAST(own.games AS FLOAT64)
      - other.margins / CAST(other.games AS FLOAT64) AS margin_by_record
  FROM fixtures AS f
  LEFT JOIN club_form AS own
    ON own.team_abbr = f.team_abbr
    AND own.season_year = f.season_year
    AND own.game_date < f.game_date
    AND (own.next_played IS NULL OR own.next_played >= f.game_date)
  LEFT JOIN club_form AS other
    ON other.team_abbr = f.opponent_team_abbr
    AND other.season_year = f.season_year
    AND other.game_date < f.game_date
    AND (other.next_played IS NULL OR other.next_played >= f.game_date)
),

pool AS (
  SELECT
    u.game_date,
    u.player_lookup,
    u.season_year,
    u.team_abbr,
    p.* EXCEPT (game_date, player_lookup, season_year, team_abbr),
    p.game_date AS last_played,
    p.season_year = u.season_year AS played_this_season,
    SAFE_DIVIDE(p.rebounds_form_40, p.minutes_form_40) AS rebound_rate,
    SAFE_DIVIDE(p.assists_form_40, p.minutes_form_40) AS assist_rate,
    SAFE_DIVIDE(p.three_pt_attempts_form_40, p.fg_attempts_form_40) AS three_share
  FROM upcoming_player_game_context AS u
  LEFT JOIN form AS p
    ON p.player_lookup = u.player_lookup
    AND p.game_date < u.game_date
    AND (p.next_played IS NULL OR p.next_played >= u.game_date)
),

-- Likeness to a team-mate, 1 = the same part in the game: rebounds and assists per minute and
-- the share of threes, each difference in about one standard deviation.
likenesses AS (
  SELECT
    p.game_date,
    p.player_lookup,
    e.minutes_there,
    e.minutes_lost,
    EXP(
      -0.5 * (
        POW((p.rebound_rate - e.rebound_rate) / 0.08, 2)
        + POW((p.assist_rate - e.assist_rate) / 0.06, 2)
        + POW((p.three_share - e.three_share) / 0.25, 2)
      )
    ) AS likeness
  FROM pool AS p
  JOIN expected AS e
    ON e.game_date = p.game_date
    AND e.team_abbr = p.team_abbr
    AND e.player_lookup != p.player_lookup
  WHERE e.minutes >= 10
),

alike AS (
  SELECT
    game_date,
    player_lookup,
    SUM(CAST(likeness * CAST(minutes_there AS FLOAT64) AS NUMERIC(18, 9))) AS minutes_there,
    SUM(CAST(likeness * CAST(minutes_lost AS FLOAT64) AS NUMERIC(18, 9))) AS minutes_lost
  FROM likenesses
  GROUP BY game_date, player_lookup
),

-- The club without the man himself, who counts as playing.
others AS (
  SELECT
    p.game_date,
    p.player_lookup,
    own.games_missed,
    CAST(c.minutes_there - COALESCE(own.minutes_there, 0) AS FLOAT64) AS minutes_there,
    CAST(c.points_there - COALESCE(own.points_there, 0) AS FLOAT64) AS points_there,
    CAST(c.minutes_lost - COALESCE(own.minutes_lost, 0) AS FLOAT64) AS minutes_lost,
    CAST(c.points_lost - COALESCE(own.points_lost, 0) AS FLOAT64) AS points_lost,
    CAST(c.players_there - COALESCE(own.players_there, 0) AS FLOAT64) AS players_there,
    CAST(a.minutes_there AS FLOAT64) AS alike_minutes_there,
    CAST(a.minutes_lost AS FLOAT64) AS alike_minutes_lost
  FROM pool AS p
  JOIN clubs AS c
    ON c.game_date = p.game_date
    AND c.team_abbr = p.team_abbr
  LEFT JOIN expected AS own
    ON own.game_date = p.game_date
    AND own.team_abbr = p.team_abbr
    AND own.player_lookup = p.player_lookup
  LEFT JOIN alike AS a
    ON a.game_date = p.game_date
    AND a.player_lookup = p.player_lookup
)

SELECT
  p.game_date,
  p.player_lookup,
  p.team_abbr,
  p.points_form_12,
  p.points_form_40,
  p.points_form_120,
  p.minutes_form_12,
  p.minutes_form_40,
  p.minutes_form_120,
  p.fg_attempts_form_12,
  p.fg_attempts_form_40,
  p.fg_attempts_form_120,
  p.ft_attempts_form_12,
  p.ft_attempts_form_40,
  p.ft_attempts_form_120,
  p.usage_form_12,
  p.usage_form_40,
  p.usage_form_120,
  p.three_pt_attempts_form_40,
  p.rebounds_form_40,
  p.assists_form_40,
  ROUND(SAFE_DIVIDE(p.points_form_40, p.minutes_form_40), 9) AS points_per_minute_form_40,
  ROUND(SAFE_DIVIDE(p.points_form_120, p.minutes_form_120), 9) AS points_per_minute_form_120,
  p.points_last_game,
  p.minutes_last_game,
  p.minutes_second_last_game,
  DATE_DIFF(p.game_date, p.last_played, DAY) AS days_since_any_game,
  COALESCE(p.nth, 0) AS games_in_history,
  IF(p.played_this_season, p.season_games, 0) AS games_this_season,
  ROUND(
    SAFE_DIVIDE(IF(p.played_this_season, p.season_games, 0), d.games_before), 9
  ) AS share_of_club_games,
  o.games_missed AS club_games_missed,
  m.spread AS club_spread,
  m.total AS game_total_line,
  m.implied_points AS implied_club_points,
  ROUND(-m.spread - m.margin_by_record, 9) AS spread_surprise,
  ROUND(m.points_surprise, 9) AS implied_points_surprise,
  o.minutes_there AS teammate_minutes_expected,
  o.points_there AS teammate_points_expected,
  o.players_there AS rotation_expected,
  o.minutes_lost AS teammate_minutes_lost,
  o.points_lost AS teammate_points_lost,
  ROUND(SAFE_DIVIDE(240 * p.minutes_form_40, p.minutes_form_40 + o.minutes_there), 9)
    AS minutes_projected,
  ROUND(SAFE_DIVIDE(240 * p.points_form_40, p.minutes_form_40 + o.minutes_there), 9)
    AS points_projected,
  o.alike_minutes_there AS alike_minutes_expected,
  o.alike_minutes_lost,
  ROUND(SAFE_DIVIDE(p.minutes_form_40, p.minutes_form_40 + o.alike_minutes_there), 9)
    AS share_among_alike
FROM pool AS p
LEFT JOIN others AS o
  ON o.game_date = p.game_date
  AND o.player_lookup = p.player_lookup
LEFT JOIN markets AS m
  ON m.game_date = p.game_date
  AND m.team_abbr = p.team_abbr
LEFT JOIN club_days AS d
  ON d.team_abbr = p.team_abbr
  AND d.game_date = p.game_date
