"""What is published about whole seasons of the league, for our own figures to be held against.

Source: Basketball-Reference, "NBA League Averages", columns Pace and ORtg, regular seasons.
"""

from nba_backfill.core.season import Season
from nba_backfill.core.table import Reconciliation
from nba_backfill.core.window import Window

PACE_AND_RATING = {
    Season(2021): (98.2, 112.0),
    Season(2022): (99.2, 114.8),
    Season(2023): (98.5, 115.3),
    Season(2024): (98.8, 114.5),
}
"""Possessions per 48 minutes and points per 100 possessions; a season joins when it is over."""

PACE_TOLERANCE, RATING_TOLERANCE = 0.3, 0.4
"""How far off a sound season may be: figures are printed to a tenth, and the events that name team
turnovers are themselves a few per thousand off."""

GAMES_OF_A_SEASON = 1_230

_PUBLISHED = "\n  UNION ALL\n  ".join(
    f"SELECT {season.year} AS season_year, {pace} AS pace, {rating} AS rating"
    for season, (pace, rating) in PACE_AND_RATING.items()
)

LEAGUE_AS_PUBLISHED = Reconciliation(
    name="league_pace_and_rating_as_published",
    description=(
        "Once a regular season is whole, its pace and offensive rating over all games are those "
        f"published, within {PACE_TOLERANCE} and {RATING_TOLERANCE}; judged on its last day. "
        "A simulated league is another league and need not agree."
    ),
    reads=("team_offense_game_summary", "games"),
    windows={
        "team_offense_game_summary": Window.season_to_date(before=False),
        "games": Window.season_to_date(before=False),
    },
    blocking=False,
    sql=f"""
WITH published AS (
  {_PUBLISHED}
),

seasons AS (
  SELECT
    t.season_year,
    MAX(t.game_date) AS day,
    COUNT(*) AS team_games,
    CAST(SUM(t.pace) AS FLOAT64) / COUNT(*) AS pace,
    100 * SUM(t.points_scored) / CAST(SUM(t.possessions) AS FLOAT64) AS rating
  FROM team_offense_game_summary AS t
  JOIN games AS g
    ON g.game_date = t.game_date
    AND g.game_id = t.game_id
  WHERE g.game_type = 'regular_season'
  GROUP BY t.season_year
)

SELECT
  s.day, s.season_year, s.team_games, s.pace, p.pace AS published_pace, s.rating,
  p.rating AS published_rating
FROM seasons AS s
JOIN published AS p
  ON p.season_year = s.season_year
WHERE s.day BETWEEN @start_date AND @end_date
  AND s.team_games >= 2 * {GAMES_OF_A_SEASON}
  AND (
    ABS(s.pace - p.pace) > {PACE_TOLERANCE}
    OR ABS(s.rating - p.rating) > {RATING_TOLERANCE}
  )
""",
)
