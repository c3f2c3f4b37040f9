"""One player in one final game: box score, shot zones, rates and the betting line.

Formulas: spec 20, 2.2 to 2.5 and 3.1. The source is decided per game in `player_boxes`; players
who did not appear have no row, which grading reads as "did not play".
"""

from nba_backfill.analytics.player_game_reconciliations import RECONCILIATIONS
from nba_backfill.analytics.quality import quality_columns
from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window

ZONE_NULLS = 0.07
"""Share of rows whose game has no play-by-play (spec 20, section 7)."""

TABLE = Table(
    name="player_game_summary",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    unique=(("game_id", "player_lookup"),),
    reads={
        "games": Window.same_day(),
        "player_boxes": Window.same_day(),
        "shot_zones": Window.same_day(),
        "team_offense_game_summary": Window.same_day(),
        "prop_lines": Window.same_day(),
    },
    description="Facts per player and final game he appeared in; the team is the box score's.",
    source=__file__,
    clustering=("player_lookup",),
    expects=Rows.at_least_per_team_game(5),
    columns=(
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        Column(
            "universal_player_id",
            "STRING",
            "Registry id; NULL if the name resolves to nobody, the row is kept",
            max_null_rate=0.01,
        ),
        Column("player_full_name", "STRING", "Name as the box score prints it"),
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("nba_game_id", "STRING", "The league's ten-digit game id", max_null_rate=0.01),
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("team_abbr", "STRING", "Team he played for in this game", required=True),
        Column("opponent_team_abbr", "STRING", "The other team", required=True),
        Column("points", "INT64", "Points scored", required=True, between=(0, 100)),
        Column(
            "minutes_played",
            "NUMERIC(5,1)",
            "Minutes on court, one decimal; 0 means under half a minute, NULL unknown. Most games "
            "publish whole minutes only",
            unit="minutes",
            max_null_rate=0.002,
            between=(0, 69),
        ),
        Column("assists", "INT64", "Assists", max_null_rate=0.01, between=(0, 40)),
        Column("offensive_rebounds", "INT64", "Offensive rebounds", between=(0, 40)),
        Column("defensive_rebounds", "INT64", "Defensive rebounds", between=(0, 40)),
        Column("steals", "INT64", "Steals", between=(0, 20)),
        Column("blocks", "INT64", "Blocks", between=(0, 25)),
        Column("turnovers", "INT64", "Turnovers", between=(0, 25)),
        Column(
            "fg_attempts", "INT64", "Field goals attempted", max_null_rate=0.01, between=(0, 80)
        ),
        Column("fg_makes", "INT64", "Field goals made", between=(0, 50)),
        Column(
            "three_pt_attempts", "INT64", "Threes attempted", max_null_rate=0.01, between=(0, 40)
        ),
        Column("three_pt_makes", "INT64", "Threes made", between=(0, 30)),
        Column("ft_attempts", "INT64", "Free throws attempted", between=(0, 60)),
        Column("ft_makes", "INT64", "Free throws made", between=(0, 50)),
        Column(
            "plus_minus",
            "INT64",
            "Score margin while on court; NULL in games taken from the second vendor",
            unit="points",
            max_null_rate=0.01,
            null_rate_where="primary_source_used = 'nbac_gamebook'",
            between=(-80, 80),
        ),
        Column("personal_fouls", "INT64", "Fouls committed", between=(0, 10)),
        Column(
            "paint_attempts",
            "INT64",
            "Shots from at most 8 feet (a distance proxy of the paint); 0 if none, NULL if the "
            "game has no play-by-play",
            max_null_rate=ZONE_NULLS,
            between=(0, 60),
        ),
        Column("paint_makes", "INT64", "Made shots among paint_attempts"),
        Column(
            "mid_range_attempts",
            "INT64",
            "Two-point shots from beyond 8 feet; NULL if the game has no play-by-play",
            max_null_rate=ZONE_NULLS,
            between=(0, 60),
        ),
        Column("mid_range_makes", "INT64", "Made shots among mid_range_attempts"),
        Column(
            "unlocated_attempts",
            "INT64",
            "Two-point shots without a distance, counted in no zone; NULL without play-by-play",
        ),
        Column(
            "assisted_fg_makes",
            "INT64",
            "Made shots that a team-mate assisted; NULL without play-by-play",
            max_null_rate=ZONE_NULLS,
        ),
        Column("unassisted_fg_makes", "INT64", "Made shots nobody assisted; NULL as above"),
        Column("and1_count", "INT64", "Single free throws after a made shot; NULL as above"),
        Column(
            "paint_blocks",
            "INT64",
            "Shots he blocked in the paint zone; NULL without play-by-play",
            max_null_rate=ZONE_NULLS,
        ),
        Column("mid_range_blocks", "INT64", "As paint_blocks, for mid-range"),
        Column("three_pt_blocks", "INT64", "As paint_blocks, for threes"),
        Column(
            "usage_rate",
            "NUMERIC(6,2)",
            "Share of the team's possessions he used while on court, around 20: 100 x (FGA + 0.44 "
            "FTA + TOV) x game minutes / (minutes x the team's FGA + 0.44 FTA + TOV), one decimal. "
            "Capped at 100, which a few seconds on court can exceed. NULL at 0 minutes",
            unit="percent",
            max_null_rate=0.01,
            null_rate_where="minutes_played > 0",
            between=(0, 100),
        ),
        Column(
            "ts_pct",
            "NUMERIC(5,3)",
            "True shooting: points / (2 x (FGA + 0.44 x FTA)); 0 for a scoreless night with "
            "attempts, NULL without attempts",
            unit="fraction",
            max_null_rate=0,
            null_rate_where="fg_attempts > 0 OR ft_attempts > 0",
            between=(0, 2),
        ),
        Column(
            "efg_pct",
            "NUMERIC(5,3)",
            "Effective field-goal share: (FGM + 0.5 x 3PM) / FGA; NULL without field-goal attempts",
            unit="fraction",
            max_null_rate=0,
            null_rate_where="fg_attempts > 0",
            between=(0, 1.5),
        ),
        Column(
            "starter_flag",
            "BOOL",
            "Whether he was one of the five on court as the game opened; NULL where no source "
            "tells. Replaces the specification's `minutes > 20`, of whom one in four did not start",
        ),
        Column(
            "starter_source",
            "STRING",
            "Source of starter_flag: play_by_play; NULL if unknown",
            one_of=("play_by_play",),
        ),
        Column("win_flag", "BOOL", "Whether his team won", required=True),
        Column(
            "points_line",
            "NUMERIC(4,1)",
            "Closing points line: last one seen before tip-off at the best-ranked book; NULL if "
            "no source has one",
            unit="points",
            max_null_rate=0.4,
            between=(0.5, 60),
        ),
        Column(
            "over_under_result",
            "STRING",
            "Points against the closing line; NULL without a line",
            max_null_rate=0,
            null_rate_where="points_line IS NOT NULL",
            one_of=("OVER", "UNDER", "PUSH"),
        ),
        Column("margin", "NUMERIC(6,2)", "points - points_line", unit="points"),
        Column(
            "opening_line",
            "NUMERIC(4,1)",
            "First line seen at the same book as points_line",
            unit="points",
            between=(0.5, 60),
        ),
        Column("line_movement", "NUMERIC(4,1)", "points_line - opening_line", unit="points"),
        Column("points_line_source", "STRING", "source:book of points_line"),
        Column("opening_line_source", "STRING", "source:book of opening_line"),
        Column("is_active", "BOOL", "TRUE: only players who appeared have rows", required=True),
        Column("player_status", "STRING", "Box-score status: active", one_of=("active",)),
        Column(
            "primary_source_used",
            "STRING",
            "Box score used for this game",
            required=True,
            one_of=("nbac_gamebook", "bdl_boxscores"),
        ),
        *quality_columns(
            "gold 100 official gamebook, silver 85 second vendor",
            "backup_source_used, unresolved_player, missing_minutes, missing_team_totals, "
            "usage_capped, shot_zones_unavailable",
            tiers=("gold", "silver"),
        ),
    ),
    rules=(
        Rule(
            "points_add_up",
            "points = 2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes",
            "Points follow from made shots",
        ),
        Rule(
            "makes_within_attempts",
            "fg_makes <= fg_attempts AND three_pt_makes <= three_pt_attempts"
            " AND ft_makes <= ft_attempts AND three_pt_makes <= fg_makes"
            " AND three_pt_attempts <= fg_attempts AND paint_makes <= paint_attempts"
            " AND mid_range_makes <= mid_range_attempts",
            "No more makes than attempts, no more threes than field goals",
        ),
        Rule("two_different_teams", "team_abbr != opponent_team_abbr", "A team has an opponent"),
        Rule(
            "result_matches_line",
            "over_under_result = CASE WHEN points > points_line THEN 'OVER'"
            " WHEN points < points_line THEN 'UNDER' ELSE 'PUSH' END",
            "A push is neither over nor under",
        ),
        Rule(
            "zones_within_field_goals",
            "paint_attempts + mid_range_attempts + three_pt_attempts <= fg_attempts + 1",
            "Zones and threes do not exceed field-goal attempts by more than one",
            blocking=False,
        ),
        Rule(
            "zones_account_for_field_goals",
            "fg_attempts - paint_attempts - mid_range_attempts - three_pt_attempts"
            " <= 1 + unlocated_attempts",
            "Field-goal attempts outside every zone are unlocated shots, give or take one",
            blocking=False,
        ),
        Rule(
            "assists_account_for_field_goals",
            "ABS(assisted_fg_makes + unassisted_fg_makes - fg_makes) <= 1",
            "Assisted and unassisted makes add up to the makes, give or take one",
            blocking=False,
        ),
        Rule(
            "usage_is_plausible",
            "usage_rate <= 60",
            "A usage beyond 60 comes from a few seconds on court",
            blocking=False,
        ),
        Rule("player_is_known", "universal_player_id IS NOT NULL", "Registered", blocking=False),
    ),
    reconciliations=RECONCILIATIONS,
)
