"""What is known about a team before the tip-off of its game on day D (spec 20, 3.5).

Results count from strictly before D within the season. Of D itself the row reads the fixture,
the last lines and the last injury report before tip-off, never the status or the score.
"""

from nba_backfill.analytics.quality import TIERS, quality_columns
from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window

COMPLETENESS_DAYS = 30
"""Days over which the table judges its own history (spec 20, 5.3)."""

CLUBS_MIRROR = Reconciliation(
    name="opponents_mirror_each_other",
    description="Both rows of a game name each other, and one is home.",
    reads=("upcoming_team_game_context",),
    sql="""
SELECT own.game_date AS day, own.game_id, own.team_abbr, own.home_game
FROM (
  SELECT * FROM upcoming_team_game_context WHERE game_date BETWEEN @start_date AND @end_date
) AS own
LEFT JOIN upcoming_team_game_context AS other
  ON other.game_date = own.game_date AND other.team_abbr = own.opponent_team_abbr
WHERE other.game_id IS NULL
  OR other.game_id != own.game_id
  OR other.opponent_team_abbr != own.team_abbr
  OR other.home_game = own.home_game
""",
)

# Each club's line is the best its own side was offered, so two books may stand beside each other.
LINES_MIRROR = Reconciliation(
    name="opponents_lines_mirror",
    description="The spreads of a game's two rows are opposite, their totals equal.",
    reads=("upcoming_team_game_context",),
    blocking=False,
    sql="""
SELECT own.game_date AS day, own.game_id, own.team_abbr, own.game_spread, other.game_spread AS
  opponent_spread, own.game_total, other.game_total AS opponent_total
FROM upcoming_team_game_context AS own
JOIN upcoming_team_game_context AS other
  ON other.game_date = own.game_date AND other.team_abbr = own.opponent_team_abbr
WHERE own.game_date BETWEEN @start_date AND @end_date
  AND (own.game_spread + other.game_spread != 0 OR own.game_total != other.game_total)
""",
)

TABLE = Table(
    name="upcoming_team_game_context",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "team_abbr"),
    unique=(("game_id", "team_abbr"),),
    reads={
        "games": Window.season_to_date(before=False),
        "team_boxes": Window.days(COMPLETENESS_DAYS),
        "game_lines": Window.same_day(),
        "injuries": Window.same_day(),
        "travel_distances": Window.everything(),
    },
    description="Pre-game view per team and scheduled game: rest, form, lines, absences, travel.",
    source=__file__,
    clustering=("team_abbr",),
    expects=Rows.one_per_team_game(before_tip=True),
    columns=(
        Column("team_abbr", "STRING", "The team the row is about", required=True),
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("nba_game_id", "STRING", "The league's ten-digit game id", max_null_rate=0.01),
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("opponent_team_abbr", "STRING", "The other team", required=True),
        Column("home_game", "BOOL", "Whether the schedule calls the team home", required=True),
        Column(
            "days_since_last_game",
            "INT64",
            "Days from the team's last final game of the season to this one (1 = played "
            "yesterday); NULL for the season's first",
            unit="days",
            max_null_rate=0.03,
            between=(1, 245),
        ),
        Column(
            "team_days_rest",
            "INT64",
            "Full days off: days_since_last_game - 1 (0 = back-to-back), the opposite convention "
            "to days_rest of upcoming_player_game_context",
            unit="days",
            between=(0, 244),
        ),
        Column(
            "is_back_to_back",
            "BOOL",
            "The team played yesterday; FALSE in the season's first game",
            required=True,
        ),
        Column("team_back_to_back", "BOOL", "Same as is_back_to_back", required=True),
        Column(
            "game_number_in_season",
            "INT64",
            "1 + final games of the season before the day, play-offs included",
            required=True,
            between=(1, 120),
        ),
        Column(
            "games_in_last_7_days",
            "INT64",
            "Final games in [D-7, D-1]",
            required=True,
            between=(0, 6),
        ),
        Column(
            "games_in_last_14_days",
            "INT64",
            "Final games in [D-14, D-1]",
            required=True,
            between=(0, 11),
        ),
        Column(
            "games_in_next_7_days",
            "INT64",
            "Scheduled games in [D+1, D+7], as the schedule stands now",
            between=(0, 6),
        ),
        Column(
            "next_game_days_rest",
            "INT64",
            "Days to the team's next scheduled game (1 = plays tomorrow); NULL if none",
            unit="days",
            between=(1, 245),
        ),
        Column(
            "game_spread",
            "NUMERIC(5,2)",
            "Closing spread from the team's own view; negative = favourite",
            unit="points",
            max_null_rate=0.01,
            between=(-30, 30),
        ),
        Column(
            "opening_spread",
            "NUMERIC(5,2)",
            "First spread seen at the book of game_spread",
            unit="points",
            between=(-30, 30),
        ),
        Column(
            "spread_movement",
            "NUMERIC(5,2)",
            "game_spread - opening_spread; 0 where only one snapshot exists",
            unit="points",
        ),
        Column(
            "game_total",
            "NUMERIC(5,1)",
            "Closing total of the game",
            unit="points",
            max_null_rate=0.01,
            between=(150, 300),
        ),
        Column(
            "opening_total",
            "NUMERIC(5,1)",
            "First total seen at the book of game_total",
            unit="points",
            between=(150, 300),
        ),
        Column(
            "total_movement",
            "NUMERIC(5,1)",
            "game_total - opening_total; 0 where only one snapshot exists",
            unit="points",
        ),
        Column("game_spread_source", "STRING", "source:book of game_spread"),
        Column("game_total_source", "STRING", "source:book of game_total"),
        Column("betting_lines_updated_at", "TIMESTAMP", "When the lines were seen, before tip-off"),
        Column(
            "players_out_count",
            "INT64",
            "Players the last report before tip-off lists as out, starters or not; also 0 without "
            "a report: then quality_issues has injury_report_unavailable",
            required=True,
            between=(0, 25),
        ),
        Column(
            "questionable_players_count",
            "INT64",
            "Players listed questionable or doubtful; 0 without a report, as above",
            required=True,
            between=(0, 25),
        ),
        Column(
            "team_win_streak_entering",
            "INT64",
            "Wins in a row before the day, within the season; 0 after a loss",
            required=True,
            between=(0, 110),
        ),
        Column(
            "team_loss_streak_entering",
            "INT64",
            "Losses in a row before the day, within the season; 0 after a win",
            required=True,
            between=(0, 82),
        ),
        Column(
            "last_game_margin",
            "INT64",
            "Points minus the opponent's points in the last final game of the season",
            unit="points",
            between=(-100, 100),
        ),
        Column("last_game_result", "STRING", "W or L, as last_game_margin", one_of=("W", "L")),
        Column(
            "travel_miles",
            "INT64",
            "Great-circle distance from the last game's arena to this one, home or away; 0 if the "
            "same, NULL for the season's first game and to or from a neutral site",
            unit="miles",
            between=(0, 5500),
        ),
        Column(
            "time_zone_changes",
            "INT64",
            "Time zones between those two arenas; NULL as travel_miles",
            between=(0, 12),
        ),
        Column(
            "consecutive_road_games",
            "INT64",
            "Road games in a row up to and including this one; 0 at home",
            required=True,
            between=(0, 60),
        ),
        Column(
            "miles_traveled_last_14_days",
            "INT64",
            "Known trips to the games of [D-13, D-1] and to this one; NULL if none is known",
            unit="miles",
            between=(0, 30000),
        ),
        Column(
            "time_zones_crossed_last_14_days",
            "INT64",
            "Time zones crossed on those trips; NULL if none is known",
            between=(0, 60),
        ),
        Column(
            "is_production_ready",
            "BOOL",
            "completeness_percentage >= 90, or the first 14 days of the season",
            required=True,
        ),
        Column(
            "completeness_percentage",
            "FLOAT64",
            "Share of the team's final games in [D-30, D-1] for which we hold its box score; 100 "
            "if it had none. About our data, not about players",
            unit="percent",
            required=True,
            between=(0, 100),
        ),
        Column("expected_games_count", "INT64", "Final games in [D-30, D-1]", required=True),
        Column("actual_games_count", "INT64", "Those with a team box score", required=True),
        Column("missing_games_count", "INT64", "Those without", required=True, between=(0, 20)),
        Column(
            "backfill_bootstrap_mode",
            "BOOL",
            "The day is one of the season's first 14",
            required=True,
        ),
        *quality_columns(
            "by the share of the last 14 days' games we hold: >= 95 gold 95, >= 75 silver 75, "
            ">= 50 bronze 50, else poor 25",
            "backup_source_used, missing_game_spread, missing_game_total, "
            "injury_report_unavailable, missing_team_history",
            tiers=TIERS,
        ),
    ),
    rules=(
        Rule("two_different_teams", "team_abbr != opponent_team_abbr", "A team has an opponent"),
        Rule(
            "rest_conventions_agree",
            "team_days_rest = days_since_last_game - 1"
            " AND is_back_to_back = (days_since_last_game = 1)"
            " AND team_back_to_back = is_back_to_back",
            "0 days of rest = played yesterday = back-to-back",
        ),
        Rule(
            "one_streak_at_most",
            "team_win_streak_entering = 0 OR team_loss_streak_entering = 0",
            "A team cannot be on a winning and a losing streak",
        ),
        Rule(
            "streak_follows_last_result",
            "(last_game_result = 'W') = (team_win_streak_entering > 0)",
            "A winning streak ends in a win",
        ),
        Rule(
            "first_game_has_no_past",
            "(game_number_in_season = 1) = (days_since_last_game IS NULL)",
            "Rest is unknown exactly in the season's first game",
        ),
        Rule(
            "completeness_adds_up",
            "actual_games_count + missing_games_count = expected_games_count",
            "Every expected game is held or missing",
        ),
    ),
    reconciliations=(CLUBS_MIRROR, LINES_MIRROR),
)
