"""What is known about a player before the tip-off of his game on day D (spec 20, 3.4).

One table serves live days and history by the same rule. The pool is the union of rosters, injury
reports, lines and earlier box scores, less the players reported out; nothing of D's own box scores
is read. Nobody is dropped for thin data, the quality columns say so instead. History is
`player_game_summary` of the season, strictly before D.
"""

from nba_backfill.analytics.upcoming_player_columns import COLUMNS
from nba_backfill.core.season import TWO_SEASONS_DAYS
from nba_backfill.core.table import Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window

COMPLETENESS_DAYS = 30
"""Days over which the row judges the history it rests on (spec 20, 5.3)."""

POOL_RECALL = Reconciliation(
    name="pool_holds_those_who_played",
    description="At least 97 % of the players of player_game_summary were in the pool of the day.",
    reads=("upcoming_player_game_context", "player_game_summary"),
    blocking=False,
    sql="""
SELECT p.game_date AS day, COUNT(*) AS played, COUNT(u.player_lookup) AS of_these_in_pool
FROM player_game_summary AS p
LEFT JOIN upcoming_player_game_context AS u
  ON u.game_date = p.game_date AND u.player_lookup = p.player_lookup
WHERE p.game_date BETWEEN @start_date AND @end_date
GROUP BY p.game_date
HAVING COUNT(u.player_lookup) < 0.97 * COUNT(*)
""",
)

SAME_CLUB = Reconciliation(
    name="pool_club_is_box_score_club",
    description="A player who then played did so for the club the pool had him at.",
    reads=("upcoming_player_game_context", "player_game_summary"),
    blocking=False,
    sql="""
SELECT
  p.game_date AS day, p.player_lookup, u.team_abbr AS pool_club, p.team_abbr AS box_score_club
FROM player_game_summary AS p
JOIN upcoming_player_game_context AS u
  ON u.game_date = p.game_date AND u.player_lookup = p.player_lookup
WHERE p.game_date BETWEEN @start_date AND @end_date AND u.team_abbr != p.team_abbr
""",
)

COPIES_TEAM_CONTEXT = Reconciliation(
    name="copies_team_context",
    description="Schedule, line and travel columns equal the team table's, own and opponent's.",
    reads=("upcoming_player_game_context", "upcoming_team_game_context"),
    sql="""
SELECT p.game_date AS day, p.player_lookup, p.team_abbr, p.game_id
FROM upcoming_player_game_context AS p
LEFT JOIN upcoming_team_game_context AS own
  ON own.game_date = p.game_date AND own.team_abbr = p.team_abbr
LEFT JOIN upcoming_team_game_context AS other
  ON other.game_date = p.game_date AND other.team_abbr = p.opponent_team_abbr
WHERE p.game_date BETWEEN @start_date AND @end_date
  AND (
    own.game_id IS NULL
    OR own.game_id != p.game_id
    OR other.game_id IS NULL
    OR COALESCE(own.game_spread, 99) != COALESCE(p.game_spread, 99)
    OR COALESCE(own.game_total, 0) != COALESCE(p.game_total, 0)
    OR COALESCE(own.next_game_days_rest, 0) != COALESCE(p.next_game_days_rest, 0)
    OR COALESCE(own.travel_miles, -1) != COALESCE(p.travel_miles, -1)
    OR COALESCE(other.days_since_last_game, 0) != COALESCE(p.opponent_days_rest, 0)
    OR COALESCE(other.next_game_days_rest, 0) != COALESCE(p.opponent_next_game_days_rest, 0)
  )
""",
)

TABLE = Table(
    name="upcoming_player_game_context",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    unique=(("game_id", "player_lookup"),),
    reads={
        "upcoming_team_game_context": Window.same_day(),
        "games": Window.days(COMPLETENESS_DAYS, before=False),
        "player_names": Window.same_day(),
        "rosters": Window.same_day(),
        "prop_lines": Window.same_day(),
        "injuries": Window.same_day(),
        "player_boxes": Window.optional(TWO_SEASONS_DAYS),
        "player_game_summary": Window.season_to_date(before=True),
        "team_offense_game_summary": Window.season_to_date(before=True),
        "team_defense_game_summary": Window.season_to_date(before=True),
        "nbac_player_list_current": Window.everything(),
    },
    columns=COLUMNS,
    description="Pre-game view per player expected to play: rest, form, lines, opponent, absences.",
    source=__file__,
    steps=("shared/expected_players",),
    clustering=("player_lookup",),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    rules=(
        Rule("two_different_teams", "team_abbr != opponent_team_abbr", "A team has an opponent"),
        Rule(
            "rest_conventions_agree",
            "back_to_back = COALESCE(days_rest = 1, FALSE)",
            "Back-to-back means played yesterday",
        ),
        Rule(
            "line_matches_flag",
            "has_prop_line = (current_points_line IS NOT NULL)",
            "A player has a line exactly when the flag says so",
        ),
        Rule(
            "a_source_expects_him",
            "on_roster OR in_injury_report OR line_offered OR in_recent_games",
            "Nobody is expected whom no source names",
        ),
        Rule("out_is_absent", "player_status != 'out'", "Players reported out are not expected"),
        Rule(
            "sample_sizes_agree",
            "l5_games_used = LEAST(l10_games_used, 5)"
            " AND (l10_games_used = 0) = (points_avg_last_5 IS NULL)"
            " AND (l10_games_used = 0) = (days_rest IS NULL)",
            "Averages and rest exist exactly when there are games",
        ),
        Rule(
            "windows_nest",
            "games_in_last_7_days <= games_in_last_14_days"
            " AND minutes_in_last_7_days <= minutes_in_last_14_days",
            "14 days hold at least what 7 days hold",
        ),
        Rule(
            "one_streak_at_most",
            "prop_over_streak = 0 OR prop_under_streak = 0",
            "A player cannot be over and under the line at once",
        ),
        Rule(
            "completeness_adds_up",
            "actual_games_count + missing_games_count = expected_games_count",
            "Every expected game is held or missing",
        ),
    ),
    reconciliations=(POOL_RECALL, SAME_CLUB, COPIES_TEAM_CONTEXT),
)
