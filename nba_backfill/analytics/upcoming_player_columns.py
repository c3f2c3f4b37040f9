"""The columns of upcoming_player_game_context, kept apart from its declaration for their number."""

from nba_backfill.analytics.quality import quality_columns
from nba_backfill.core.table import Column

SAMPLE_QUALITIES = ("excellent", "good", "limited", "insufficient")


def _source(name: str, description: str) -> Column:
    """Whether one of the sources of the pool has him at his club."""
    return Column(name, "BOOL", description, required=True)


IDENTITY = (
    Column("player_lookup", "STRING", "Canonical player name key", required=True),
    Column(
        "universal_player_id",
        "STRING",
        "Registry id; NULL if the name resolves to nobody, the row is kept",
        max_null_rate=0.05,
    ),
    Column("game_date", "DATE", "US-Eastern date of the game", required=True),
    Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
    Column("nba_game_id", "STRING", "The league's ten-digit game id", max_null_rate=0.01),
    Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
    Column("team_abbr", "STRING", "His club as known before tip-off", required=True),
    Column("opponent_team_abbr", "STRING", "The other team", required=True),
    Column("home_game", "BOOL", "Whether the schedule calls his team home", required=True),
    Column(
        "population_source",
        "STRING",
        "First of the four sources below that has him at this club",
        required=True,
        one_of=("roster", "injury_report", "line", "recent_games"),
    ),
    _source("on_roster", "His club's latest roster, at most 7 days old, names him"),
    _source("in_injury_report", "The last report before tip-off has him here, fit or probable"),
    _source(
        "line_offered",
        "A points line was offered for a game of this club, which by roster, report or earlier box "
        "scores is his, or which the vendor names as his new one",
    ),
    _source(
        "in_recent_games",
        "Last listed in a box score of this club, which no newer roster of it contradicts: this "
        "season (or the last, until the club has played in this one) and either within its last 4 "
        "games or with 10 minutes a game. Of those beyond the limits one in thirty plays",
    ),
)

LINES = (
    Column("has_prop_line", "BOOL", "Whether a points line was seen before tip-off", required=True),
    Column(
        "current_points_line",
        "NUMERIC(4,1)",
        "Closing points line: last one seen before tip-off at the best-ranked book",
        unit="points",
        max_null_rate=0,
        null_rate_where="has_prop_line",
        between=(0.5, 60),
    ),
    Column(
        "opening_points_line",
        "NUMERIC(4,1)",
        "First line seen at the same book",
        unit="points",
        between=(0.5, 60),
    ),
    Column(
        "line_movement",
        "NUMERIC(4,1)",
        "current_points_line - opening_points_line; 0 is a movement of 0, not unknown",
        unit="points",
    ),
    Column("current_points_line_source", "STRING", "source:book of current_points_line"),
    Column("opening_points_line_source", "STRING", "source:book of opening_points_line"),
    Column(
        "game_spread",
        "NUMERIC(5,2)",
        "Closing spread from his team's view; negative = favourite. Copy of the team table",
        unit="points",
        max_null_rate=0.01,
        between=(-30, 30),
    ),
    Column("opening_spread", "NUMERIC(5,2)", "First spread at that book", unit="points"),
    Column("spread_movement", "NUMERIC(5,2)", "game_spread - opening_spread", unit="points"),
    Column("game_spread_source", "STRING", "source:book of game_spread"),
    Column(
        "game_total",
        "NUMERIC(5,1)",
        "Closing total of the game. Copy of the team table",
        unit="points",
        max_null_rate=0.01,
        between=(150, 300),
    ),
    Column("opening_total", "NUMERIC(5,1)", "First total at that book", unit="points"),
    Column("total_movement", "NUMERIC(5,1)", "game_total - opening_total", unit="points"),
    Column("game_total_source", "STRING", "source:book of game_total"),
)

OPPONENT = (
    Column(
        "pace_differential",
        "NUMERIC(5,1)",
        "Opponent's mean pace minus his team's, each over its last 10 games of the season before "
        "the day (fewer if fewer); positive = a faster game than he is used to",
        unit="possessions per 48 min",
        between=(-40, 40),
    ),
    Column(
        "opponent_pace_last_10",
        "NUMERIC(5,1)",
        "Opponent's mean pace over its last 10 games of the season before the day",
        unit="possessions per 48 min",
        max_null_rate=0.03,
        between=(75, 130),
    ),
    Column(
        "opponent_def_rating_last_10",
        "NUMERIC(6,2)",
        "Opponent's mean defensive rating over those games; higher = easier to score against",
        unit="points per 100 possessions",
        between=(60, 180),
    ),
    Column(
        "opponent_ft_rate_allowed",
        "NUMERIC(5,3)",
        "Free-throw attempts per field-goal attempt that the opponent allowed over those games",
        unit="fraction",
        between=(0, 1),
    ),
)

SCHEDULE = (
    Column("game_start_time_local", "STRING", "Tip-off in the arena's time zone, HH:MM"),
    Column(
        "days_rest",
        "INT64",
        "Days since the last game of the season in which he appeared (1 = played yesterday), the "
        "opposite convention to team_days_rest; NULL before his first",
        unit="days",
        between=(1, 245),
    ),
    Column("back_to_back", "BOOL", "days_rest = 1; FALSE before his first game", required=True),
    Column(
        "season_phase",
        "STRING",
        "playoffs if the schedule says play-in or play-offs, else by month: early Oct-Nov, mid "
        "Dec-Feb, late Mar-Apr",
        required=True,
        one_of=("early", "mid", "late", "playoffs"),
    ),
    Column(
        "projected_usage_rate",
        "NUMERIC(5,2)",
        "Always NULL: needs a model of who takes over the shots of absent team-mates",
        unit="percent",
    ),
    Column(
        "days_rest_before_last_game",
        "INT64",
        "Days between his last and his second-last game of the season",
        unit="days",
        between=(1, 245),
    ),
    Column(
        "days_since_2_plus_days_rest",
        "INT64",
        "Days since his latest game that came 2 or more days after the one before",
        unit="days",
        between=(1, 245),
    ),
    Column(
        "games_in_last_7_days", "INT64", "His games in [D-7, D-1]", required=True, between=(0, 6)
    ),
    Column(
        "games_in_last_14_days", "INT64", "His games in [D-14, D-1]", required=True, between=(0, 11)
    ),
    Column(
        "minutes_in_last_7_days",
        "INT64",
        "Minutes played in [D-7, D-1], cut to whole ones",
        unit="minutes",
        required=True,
        between=(0, 350),
    ),
    Column(
        "minutes_in_last_14_days",
        "INT64",
        "Minutes played in [D-14, D-1], cut to whole ones",
        unit="minutes",
        required=True,
        between=(0, 600),
    ),
    Column(
        "avg_minutes_per_game_last_7",
        "NUMERIC(5,1)",
        "Minutes per game over [D-7, D-1], games with known minutes; NULL without a game",
        unit="minutes",
        between=(0, 69),
    ),
    Column(
        "back_to_backs_last_14_days",
        "INT64",
        "Pairs of games on consecutive dates, both in [D-14, D-1]",
        required=True,
        between=(0, 7),
    ),
    Column(
        "next_game_days_rest",
        "INT64",
        "Days to his team's next scheduled game (1 = plays tomorrow); NULL if none",
        unit="days",
        between=(1, 245),
    ),
    Column("games_in_next_7_days", "INT64", "His team's games in [D+1, D+7]", between=(0, 6)),
    Column(
        "opponent_days_rest",
        "INT64",
        "Days since the opponent's last game of the season (1 = played yesterday); NULL if none",
        unit="days",
        max_null_rate=0.03,
        between=(1, 245),
    ),
    Column("opponent_games_in_next_7_days", "INT64", "Its games in [D+1, D+7]", between=(0, 6)),
    Column(
        "opponent_next_game_days_rest",
        "INT64",
        "Days to the opponent's next scheduled game; NULL if none",
        unit="days",
        between=(1, 245),
    ),
    Column(
        "travel_miles",
        "INT64",
        "Distance from his team's last arena to this one. Copy of the team table, as the next four",
        unit="miles",
        between=(0, 5500),
    ),
    Column("time_zone_changes", "INT64", "Time zones between those arenas", between=(0, 12)),
    Column("consecutive_road_games", "INT64", "His team's road games in a row, this one included"),
    Column(
        "miles_traveled_last_14_days",
        "INT64",
        "His team's trips to the games of [D-13, D]",
        unit="miles",
    ),
    Column("time_zones_crossed_last_14_days", "INT64", "Time zones crossed on those trips"),
)

FORM = (
    Column(
        "points_avg_last_5",
        "NUMERIC(5,1)",
        "Mean points of his last 5 games of the season before the day (fewer if fewer); NULL "
        "without one",
        unit="points",
        between=(0, 100),
    ),
    Column(
        "points_avg_last_10",
        "NUMERIC(5,1)",
        "Mean points of his last 10 games of the season before the day (fewer if fewer)",
        unit="points",
        between=(0, 100),
    ),
    Column("l5_games_used", "INT64", "Games in points_avg_last_5", required=True, between=(0, 5)),
    Column(
        "l10_games_used", "INT64", "Games in points_avg_last_10", required=True, between=(0, 10)
    ),
    Column(
        "l5_sample_quality",
        "STRING",
        "By l5_games_used: 5 excellent, 3-4 good, 2 limited, else insufficient",
        required=True,
        one_of=SAMPLE_QUALITIES,
    ),
    Column(
        "l10_sample_quality",
        "STRING",
        "By l10_games_used: 10 excellent, 7-9 good, 5-6 limited, else insufficient",
        required=True,
        one_of=SAMPLE_QUALITIES,
    ),
    Column(
        "prop_over_streak",
        "INT64",
        "Games in a row, newest first, with more points than today's line; a game on the line is "
        "skipped; 0 without a line",
        required=True,
        between=(0, 110),
    ),
    Column(
        "prop_under_streak",
        "INT64",
        "As prop_over_streak, with fewer points than today's line",
        required=True,
        between=(0, 110),
    ),
    Column(
        "avg_usage_rate_last_7_games",
        "NUMERIC(6,2)",
        "Mean usage_rate of his last 7 games of the season before the day",
        unit="percent",
        between=(0, 100),
    ),
    Column(
        "fourth_quarter_minutes_last_7",
        "INT64",
        "Always NULL: needs the line-up on court at every moment",
        unit="minutes",
    ),
    Column(
        "clutch_minutes_last_7_games",
        "NUMERIC(5,1)",
        "Always NULL: needs the line-up on court at every moment",
        unit="minutes",
    ),
    Column(
        "fourth_quarter_production_last_7",
        "NUMERIC(5,1)",
        "Always NULL: needs points by quarter, which no fact table holds",
        unit="points",
    ),
    Column("shooting_pct_decline_last_5", "NUMERIC(5,3)", "Always NULL: nobody ever defined it"),
    Column(
        "player_age",
        "INT64",
        "Whole years at D; NULL if no source knows the date of birth",
        unit="years",
        max_null_rate=0.2,
        between=(18, 50),
    ),
)

AVAILABILITY = (
    Column(
        "player_status",
        "STRING",
        "Status in the last injury report before tip-off; NULL = not listed. Out is absent: such "
        "players are not in the pool",
        one_of=("questionable", "doubtful", "probable", "available"),
    ),
    Column("injury_report", "STRING", "Reason in that report; NULL if none is given"),
    Column(
        "star_teammates_out",
        "INT64",
        "Team-mates out or doubtful whose mean usage_rate of the season before the day is 25 or "
        "more (about two a club) over at least 5 games; NULL without a report",
        between=(0, 15),
    ),
    Column(
        "questionable_teammates",
        "INT64",
        "Team-mates listed questionable; NULL without a report",
        between=(0, 20),
    ),
    Column("probable_teammates", "INT64", "As questionable_teammates", between=(0, 20)),
)

COMPLETENESS = (
    Column(
        "is_production_ready",
        "BOOL",
        "completeness_percentage >= 90, or the first 14 days of the season",
        required=True,
    ),
    Column(
        "completeness_percentage",
        "FLOAT64",
        "Share of the final games in [D-30, D-1] of his clubs (the one of D and those he played "
        "for in these days) that player_game_summary covers; 100 if there were none. About our "
        "data, not about his availability",
        unit="percent",
        required=True,
        between=(0, 100),
    ),
    Column("expected_games_count", "INT64", "Final games of those clubs", required=True),
    Column("actual_games_count", "INT64", "Those with player facts", required=True),
    Column("missing_games_count", "INT64", "Those without", required=True, between=(0, 60)),
    Column(
        "backfill_bootstrap_mode", "BOOL", "The day is one of the season's first 14", required=True
    ),
)

COLUMNS = (
    *IDENTITY,
    *LINES,
    *OPPONENT,
    *SCHEDULE,
    *FORM,
    *AVAILABILITY,
    *COMPLETENESS,
    *quality_columns(
        "by his games of the season before the day: >= 10 gold 95, >= 5 silver 75, else bronze 50",
        "thin_sample:n/3, missing_game_spread, missing_game_total, pool_from_box_score, "
        "unresolved_player, injury_report_unavailable",
        tiers=("gold", "silver", "bronze"),
    ),
)
