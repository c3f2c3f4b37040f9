"""Defence of one team in one final game: what its opponent's offence did (spec 20, 3.3).

Built by pairing `team_offense_game_summary` with itself, never from raw data a second time, so
that the two tables cannot disagree.
"""

from nba_backfill.analytics.quality import quality_columns
from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window

MIRRORS_OFFENCE = Reconciliation(
    name="allowed_equals_scored_by_opponent",
    description="Points allowed and rating equal the opponent's points scored and rating.",
    reads=("team_defense_game_summary", "team_offense_game_summary"),
    sql="""
SELECT
  COALESCE(d.game_date, o.game_date) AS day, COALESCE(d.game_id, o.game_id) AS game_id,
  d.defending_team_abbr, o.team_abbr AS scoring_team,
  d.points_allowed, o.points_scored, d.defensive_rating, o.offensive_rating
FROM (
  SELECT * FROM team_defense_game_summary WHERE game_date BETWEEN @start_date AND @end_date
) AS d
FULL OUTER JOIN (
  SELECT * FROM team_offense_game_summary WHERE game_date BETWEEN @start_date AND @end_date
) AS o
  ON o.game_date = d.game_date AND o.team_abbr = d.opponent_team_abbr
WHERE d.game_id IS NULL OR o.game_id IS NULL
  OR d.points_allowed != o.points_scored
  OR COALESCE(d.defensive_rating != o.offensive_rating, FALSE)
""",
)

TABLE = Table(
    name="team_defense_game_summary",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "defending_team_abbr"),
    unique=(("game_id", "defending_team_abbr"),),
    reads={"team_offense_game_summary": Window.same_day(), "shot_zones": Window.same_day()},
    description="Defence per team and final game: the opponent's offence of the same game.",
    source=__file__,
    clustering=("defending_team_abbr",),
    expects=Rows.one_per_team_game("defending_team_abbr"),
    columns=(
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("nba_game_id", "STRING", "The league's ten-digit game id", max_null_rate=0.01),
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("defending_team_abbr", "STRING", "The defending team", required=True),
        Column("opponent_team_abbr", "STRING", "The team that attacked", required=True),
        Column("home_game", "BOOL", "Whether the schedule calls the defender home", required=True),
        Column(
            "points_allowed", "INT64", "Points of the opponent", required=True, between=(50, 200)
        ),
        Column("opp_fg_makes", "INT64", "Opponent's field goals made", between=(0, 100)),
        Column("opp_fg_attempts", "INT64", "Opponent's field goals attempted", between=(1, 200)),
        Column("opp_three_pt_makes", "INT64", "Opponent's threes made", between=(0, 60)),
        Column("opp_three_pt_attempts", "INT64", "Opponent's threes attempted", between=(0, 120)),
        Column("opp_ft_makes", "INT64", "Opponent's free throws made", between=(0, 100)),
        Column("opp_ft_attempts", "INT64", "Opponent's free throws attempted", between=(0, 120)),
        Column("opp_rebounds", "INT64", "Opponent's rebounds", between=(0, 120)),
        Column("opp_assists", "INT64", "Opponent's assists", between=(0, 80)),
        Column("turnovers_forced", "INT64", "Opponent's turnovers", between=(0, 60)),
        Column("fouls_committed", "INT64", "The defender's own fouls", between=(0, 80)),
        Column(
            "opp_paint_attempts",
            "INT64",
            "Opponent's shots from at most 8 feet; NULL without play-by-play",
            max_null_rate=0.07,
            between=(0, 120),
        ),
        Column("opp_paint_makes", "INT64", "Made shots among opp_paint_attempts"),
        Column(
            "opp_mid_range_attempts",
            "INT64",
            "Opponent's two-point shots from beyond 8 feet; NULL without play-by-play",
            max_null_rate=0.07,
            between=(0, 120),
        ),
        Column("opp_mid_range_makes", "INT64", "Made shots among opp_mid_range_attempts"),
        Column(
            "opp_unlocated_attempts",
            "INT64",
            "Opponent's two-point shots without a distance; NULL without play-by-play",
        ),
        Column("points_in_paint_allowed", "INT64", "2 x opp_paint_makes", unit="points"),
        Column("mid_range_points_allowed", "INT64", "2 x opp_mid_range_makes", unit="points"),
        Column("three_pt_points_allowed", "INT64", "3 x opp_three_pt_makes", unit="points"),
        Column(
            "second_chance_points_allowed",
            "INT64",
            "Always NULL: no source says which points followed an offensive rebound",
        ),
        Column(
            "fast_break_points_allowed",
            "INT64",
            "Always NULL: no source says which points came on a fast break",
        ),
        Column(
            "blocks_paint",
            "INT64",
            "Shots the defender blocked in the paint zone; NULL without play-by-play",
            max_null_rate=0.07,
            between=(0, 50),
        ),
        Column("blocks_mid_range", "INT64", "As blocks_paint, for mid-range", between=(0, 50)),
        Column("blocks_three_pt", "INT64", "As blocks_paint, for threes", between=(0, 50)),
        Column(
            "blocks_total",
            "INT64",
            "The defender's blocks in the box score; the zone blocks may add up to fewer, because "
            "a blocked shot without a distance belongs to no zone",
            between=(0, 50),
        ),
        Column("steals", "INT64", "The defender's steals; NULL if unknown", between=(0, 50)),
        Column(
            "defensive_rebounds",
            "INT64",
            "The defender's defensive rebounds; NULL if unknown",
            between=(0, 90),
        ),
        Column(
            "defensive_rating",
            "NUMERIC(6,2)",
            "Points allowed per 100 possessions of the game; lower is better",
            max_null_rate=0,
            between=(60, 180),
        ),
        Column(
            "opponent_pace",
            "NUMERIC(5,1)",
            "Pace of the opponent in this game, overtime taken out",
            unit="possessions per 48 min",
            max_null_rate=0,
            between=(75, 130),
        ),
        Column(
            "opponent_ts_pct",
            "NUMERIC(5,3)",
            "True shooting of the opponent",
            unit="fraction",
            between=(0, 2),
        ),
        Column("win_flag", "BOOL", "Whether the defending team won", required=True),
        Column(
            "margin_of_victory",
            "INT64",
            "The defender's points minus points_allowed; negative in a loss",
            unit="points",
            required=True,
            between=(-100, 100),
        ),
        Column("overtime_periods", "INT64", "Overtimes played; NULL if unknown", between=(0, 8)),
        Column("shot_zones_available", "BOOL", "Whether the game has play-by-play", required=True),
        Column(
            "primary_source_used",
            "STRING",
            "Source of the opponent's box score: nbac_team_boxscore or player_sum",
            required=True,
            one_of=("nbac_team_boxscore", "player_sum"),
        ),
        *quality_columns(
            "gold 100 official team box score, silver 85 reconstructed; the worse of both teams",
            "backup_source_used, reconstructed, shot_zones_unavailable, overtime_unknown, "
            "missing_defensive_actions",
            tiers=("gold", "silver"),
        ),
    ),
    rules=(
        Rule(
            "points_allowed_add_up",
            "points_allowed = 2 * (opp_fg_makes - opp_three_pt_makes)"
            " + 3 * opp_three_pt_makes + opp_ft_makes",
            "Points allowed follow from the opponent's made shots",
        ),
        Rule(
            "makes_within_attempts",
            "opp_fg_makes <= opp_fg_attempts AND opp_three_pt_makes <= opp_three_pt_attempts"
            " AND opp_ft_makes <= opp_ft_attempts AND opp_paint_makes <= opp_paint_attempts"
            " AND opp_mid_range_makes <= opp_mid_range_attempts",
            "No more makes than attempts",
        ),
        Rule(
            "win_flag_matches_margin",
            "margin_of_victory != 0 AND win_flag = (margin_of_victory > 0)",
            "The winner has the positive margin; there are no draws",
        ),
        Rule(
            "zones_are_filled",
            "NOT shot_zones_available"
            " OR (opp_paint_attempts > 0 AND opp_mid_range_attempts > 0"
            " AND opp_three_pt_attempts > 0)",
            "With play-by-play, every zone holds shots",
            blocking=False,
        ),
        Rule(
            "zone_blocks_within_total",
            "blocks_paint + blocks_mid_range + blocks_three_pt <= blocks_total + 1",
            "Zone blocks do not exceed the box score's by more than one",
            blocking=False,
        ),
    ),
    reconciliations=(MIRRORS_OFFENCE,),
)
