"""How every team of the season defends, by zone, in its last 15 games before day D (spec 30, 2).

Rows are dense: all 30 teams on every day with games, playing or not. A team needs 5 games; how
many its row rests on is in the row, as is the league average it is compared with.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.precompute.window_columns import window_columns, window_rule

NO_ZONES = "NULL with fewer than 5 such games"
ZONES = ("paint", "mid_range", "perimeter")

ENOUGH_TEAMS = Reconciliation(
    name="enough_teams_for_the_day",
    description="At least 20 teams on every day with games after the season's first 14 days.",
    reads=("team_defense_zone_analysis", "upcoming_team_game_context"),
    # Clubs without facts are missing sources, and their absence shows in coverage.
    blocking=False,
    sql="""
SELECT u.game_date AS day, COUNT(DISTINCT t.team_abbr) AS teams
FROM upcoming_team_game_context AS u
LEFT JOIN team_defense_zone_analysis AS t ON t.analysis_date = u.game_date
WHERE u.game_date BETWEEN @start_date AND @end_date AND NOT u.backfill_bootstrap_mode
GROUP BY u.game_date
HAVING COUNT(DISTINCT t.team_abbr) < 20
""",
)

TABLE = Table(
    name="team_defense_zone_analysis",
    dataset="nba_precompute",
    layer=Layer.PRECOMPUTE,
    date_column="analysis_date",
    grain=("analysis_date", "team_abbr"),
    reads={
        # Days that have games, and the final games the facts must hold.
        "games": Window.season_to_date(before=False),
        "team_defense_game_summary": Window.season_to_date(before=True),
    },
    description="Defence by zone per team and game day: its last 15 games strictly before the day.",
    source=__file__,
    steps=("shared/finals",),
    clustering=("team_abbr", "analysis_date"),
    expects=Rows.per_day(30, 30),
    columns=(
        Column("team_abbr", "STRING", "The defending team", required=True),
        Column(
            "analysis_date",
            "DATE",
            "Day D, US-Eastern: what was known before its games",
            required=True,
        ),
        Column(
            "paint_pct_allowed_last_15",
            "FLOAT64",
            "Share of the opponents' shots from at most 8 feet that went in, pooled over the "
            f"sample's games with play-by-play; {NO_ZONES}",
            unit="fraction 0-1",
            max_null_rate=0.01,
            between=(0, 1),
        ),
        Column(
            "paint_attempts_allowed_per_game",
            "FLOAT64",
            f"Those shots per game with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 120),
        ),
        Column(
            "paint_points_allowed_per_game",
            "FLOAT64",
            f"Points from those shots per game with play-by-play; {NO_ZONES}",
            unit="points per game",
            between=(0, 160),
        ),
        Column(
            "paint_blocks_per_game",
            "FLOAT64",
            f"Such shots the team blocked per game with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 50),
        ),
        Column(
            "paint_defense_vs_league_avg",
            "FLOAT64",
            "paint_pct_allowed_last_15 minus the league's, see league_baseline; positive = a worse "
            "defence than the league's",
            unit="percentage points",
            max_null_rate=0.01,
            between=(-100, 100),
        ),
        Column(
            "mid_range_pct_allowed_last_15",
            "FLOAT64",
            "As paint_pct_allowed_last_15, for two-point shots from beyond 8 feet",
            unit="fraction 0-1",
            max_null_rate=0.01,
            between=(0, 1),
        ),
        Column(
            "mid_range_attempts_allowed_per_game",
            "FLOAT64",
            f"Those shots per game with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 120),
        ),
        Column(
            "mid_range_blocks_per_game",
            "FLOAT64",
            f"Such shots the team blocked per game with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 50),
        ),
        Column(
            "mid_range_defense_vs_league_avg",
            "FLOAT64",
            "As paint_defense_vs_league_avg, for mid-range; positive = worse",
            unit="percentage points",
            max_null_rate=0.01,
            between=(-100, 100),
        ),
        Column(
            "three_pt_pct_allowed_last_15",
            "FLOAT64",
            "Share of the opponents' threes that went in, pooled over the box scores of all games "
            "of the sample",
            unit="fraction 0-1",
            max_null_rate=0.01,
            between=(0, 1),
        ),
        Column(
            "three_pt_attempts_allowed_per_game",
            "FLOAT64",
            "Threes the opponents attempted per game of the sample",
            unit="per game",
            between=(0, 120),
        ),
        Column(
            "three_pt_blocks_per_game",
            "FLOAT64",
            f"Threes the team blocked per game with play-by-play; {NO_ZONES}",
            unit="per game",
            between=(0, 50),
        ),
        Column(
            "three_pt_defense_vs_league_avg",
            "FLOAT64",
            "As paint_defense_vs_league_avg, for threes; positive = worse",
            unit="percentage points",
            max_null_rate=0.01,
            between=(-100, 100),
        ),
        Column(
            "league_baseline",
            "STRING",
            "What the three differences compare with, the first of these to hold 10 teams: "
            "last_30_days, the mean over teams with 10 games in [D-30, D-1]; season_to_date, the "
            "same over teams with 5 games of the season before D; constant, 58.0 % in the paint, "
            "41.0 % mid-range, 35.5 % for threes",
            required=True,
            one_of=("last_30_days", "season_to_date", "constant"),
        ),
        Column(
            "defensive_rating_last_15",
            "FLOAT64",
            "Mean of the games' defensive ratings over the sample; lower = better",
            unit="points per 100 possessions",
            max_null_rate=0,
            between=(60, 180),
        ),
        Column(
            "opponent_points_per_game",
            "FLOAT64",
            "Points allowed per game of the sample",
            unit="points per game",
            required=True,
            between=(50, 200),
        ),
        Column(
            "opponent_pace",
            "FLOAT64",
            "Mean pace of the opponents in the games of the sample",
            unit="possessions per 48 min",
            max_null_rate=0,
            between=(75, 130),
        ),
        Column(
            "games_in_sample",
            "INT64",
            "Games of the sample: the team's newest of the season, strictly before D",
            required=True,
            between=(5, 15),
        ),
        Column(
            "n_zone",
            "INT64",
            "Games of the sample with play-by-play: the denominator of the zone columns",
            required=True,
            between=(0, 15),
        ),
        Column(
            "strongest_zone",
            "STRING",
            "Zone with the lowest difference from the league; of equal ones the first of paint, "
            "mid_range, perimeter",
            one_of=ZONES,
        ),
        Column(
            "weakest_zone",
            "STRING",
            "Zone with the highest difference from the league; ties as in strongest_zone",
            one_of=ZONES,
        ),
        Column(
            "data_quality_tier",
            "STRING",
            "By games_in_sample: 15 high, 10-14 medium, fewer low",
            required=True,
            one_of=("high", "medium", "low"),
        ),
        Column(
            "calculation_notes",
            "STRING",
            "Zones without a percentage (no attempts, or too few games with play-by-play), "
            "separated by commas; NULL if there are none",
        ),
        Column("last_game_date", "DATE", "Date of the sample's newest game", required=True),
        *window_columns(
            "window",
            wanted=15,
            minimum=5,
            lost="The team's final games before D without facts, since the sample's first game, or "
            "since opening night while the sample is not full",
        ),
    ),
    rules=(
        Rule(
            "strictly_before_the_day",
            "last_game_date < analysis_date",
            "No game of the day or later is in the sample",
        ),
        Rule(
            "zone_games_within_sample",
            "n_zone <= games_in_sample",
            "No more games with play-by-play than games",
        ),
        Rule(
            "zones_need_five_games",
            "n_zone >= 5 OR (paint_pct_allowed_last_15 IS NULL"
            " AND mid_range_pct_allowed_last_15 IS NULL AND paint_attempts_allowed_per_game IS NULL"
            " AND three_pt_blocks_per_game IS NULL)",
            "Zone figures rest on at least 5 games with play-by-play",
        ),
        Rule(
            "tier_follows_sample",
            "data_quality_tier = CASE WHEN games_in_sample >= 15 THEN 'high'"
            " WHEN games_in_sample >= 10 THEN 'medium' ELSE 'low' END",
            "The quality tier agrees with the sample size",
        ),
        window_rule("window"),
    ),
    reconciliations=(ENOUGH_TEAMS,),
)
