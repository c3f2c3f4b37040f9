"""The 33 model features of ml_feature_store_v2, declared once: order, meaning, range, default.

The order is the contract of every model that reads the array. A default stands where the inputs
are unknown; rows count their defaults, so a default is never mistaken for knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass

from nba_backfill.core.table import Column

FEATURE_VERSION = "v4_33features"
"""Names and order of v2_33features; its defects corrected (spec 30, 6.1), and pace and ratings on
the published scale."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One element of the feature array.

    ``substitute``: what stands in for an unknown value before the default does; None if only
    the default does. ``between``: inclusive range; a value outside is an error.
    ``may_be_constant``: why a week may hold a single value without anything being broken; None
    where such a week is an alarm, in weeks that satisfy ``varies_when`` (a SQL condition on the
    week) if there is one.
    """

    name: str
    default: float
    between: tuple[float, float]
    description: str
    unit: str | None = None
    substitute: str | None = None
    integral: bool = False
    may_be_constant: str | None = None
    varies_when: str | None = None

    @property
    def column(self) -> Column:
        """The typed scalar column beside the array."""
        said = f"; if unknown {self.substitute}" if self.substitute else ""
        return Column(
            self.name,
            "INT64" if self.integral else "FLOAT64",
            f"{self.description}{said}; default {self.default:g}",
            unit=self.unit,
            required=True,
            between=self.between,
        )


LAST_10 = "his last 10 games of the season before the day"
DECLARED_EMPTY = "its source declares itself empty: no model projects usage"
LINES_ABSENT = "seasons and weeks without points lines hold the default only"

FEATURES = (
    Feature(
        "points_avg_last_5",
        10.0,
        (0, 80),
        "Mean points of his last 5 games of the season before the day",
        unit="points",
        substitute="the mean from the game facts",
    ),
    Feature(
        "points_avg_last_10",
        10.0,
        (0, 80),
        f"Mean points of {LAST_10}",
        unit="points",
        substitute="the mean of fewer than 5 games",
    ),
    Feature(
        "points_avg_season",
        10.0,
        (0, 60),
        "Mean points of his games of the season before the day",
        unit="points",
        substitute="the mean of fewer than 5 games",
    ),
    Feature(
        "points_std_last_10",
        5.0,
        (0, 60),
        f"Sample standard deviation of points over {LAST_10}",
        unit="points",
    ),
    Feature(
        "games_in_last_7_days",
        3.0,
        (0, 6),
        "Games he appeared in, in [D-7, D-1]",
        substitute="the player context's count",
        integral=True,
    ),
    Feature("fatigue_score", 50.0, (0, 100), "Freshness, 100 = rested", integral=True),
    Feature(
        "shot_zone_mismatch_score",
        0.0,
        (-10, 10),
        "His preferred zone against the opponent's defence there; positive favours the scorer",
    ),
    Feature(
        "pace_score",
        0.0,
        (-3, 3),
        "Half the pace difference of opponent and own team; positive = faster game",
    ),
    Feature(
        "usage_spike_score",
        0.0,
        (-3, 3),
        "Expected rise of usage; always 0, and always counted among the defaults, since no source "
        "projects a player's usage before tip-off and the specification has no model of it "
        "(projected_usage_rate is NULL). Kept for the order of the array",
        may_be_constant=DECLARED_EMPTY,
    ),
    Feature(
        "rest_advantage",
        0.0,
        (-2, 2),
        "His days of rest minus the opponent team's, cut to -2..2",
        unit="days",
        integral=True,
    ),
    Feature(
        "injury_risk",
        0.0,
        (0, 3),
        "Last injury report before tip-off: 0 not listed or available, 1 probable, 2 questionable, "
        "3 doubtful or out; unknown without a report",
        integral=True,
        may_be_constant="most weeks of some seasons list nobody whom the pool keeps",
    ),
    Feature(
        "recent_trend",
        0.0,
        (-2, 2),
        "Mean points of the newest 2 games minus that of the 3 before: >= 5 2, >= 2 1, <= -5 -2, "
        "<= -2 -1, else 0; positive = improving; unknown below 5 games",
        integral=True,
    ),
    Feature(
        "minutes_change",
        0.0,
        (-2, 2),
        "Mean minutes of the last 10 games against the season's: >= +20 % 2, >= +10 % 1, <= -20 % "
        "-2, <= -10 % -1, else 0",
        integral=True,
        # Until the season is longer than the window, both means are of the same games.
        varies_when="most_team_games > 20",
    ),
    Feature(
        "opponent_def_rating",
        112.0,
        (80, 150),
        "Opponent's defensive rating over its last 15 games and five more at the mean of the clubs "
        "rated that day: (games x its mean + 5 x theirs) / (games + 5), since after few games a "
        "rating is mostly chance; higher = easier to score against",
        unit="points per 100 possessions",
    ),
    Feature(
        "opponent_pace",
        100.0,
        (75, 130),
        "Mean pace of the opponent's last 15 games",
        unit="possessions per 48 min",
    ),
    Feature("home_away", 0.0, (0, 1), "1 = his team is home in the schedule", integral=True),
    Feature(
        "back_to_back",
        0.0,
        (0, 1),
        "1 = he played yesterday",
        integral=True,
        varies_when="team_back_to_backs > 0",
    ),
    Feature(
        "playoff_game",
        0.0,
        (0, 1),
        "1 = play-in or play-offs by the schedule's game type",
        integral=True,
        may_be_constant="0 in every week of the regular season, 1 in every week after it",
    ),
    Feature(
        "pct_paint",
        0.30,
        (0, 1),
        f"Share of shots from the paint over {LAST_10}",
        unit="fraction",
        substitute="the daily cache's copy",
    ),
    Feature("pct_mid_range", 0.20, (0, 1), "Share of mid-range shots, likewise", unit="fraction"),
    Feature(
        "pct_three",
        0.35,
        (0, 1),
        "Share of threes, likewise",
        unit="fraction",
        substitute="the daily cache's copy",
    ),
    Feature(
        "pct_free_throw",
        0.15,
        (0, 0.5),
        f"Free throws made per point over {LAST_10}, at most 0.5; unknown below 5 games or "
        "without a point",
        unit="fraction",
    ),
    Feature(
        "team_pace",
        100.0,
        (75, 130),
        "Mean pace of his team's last 10 games of the season before the day",
        unit="possessions per 48 min",
        substitute="the mean from the team facts",
    ),
    Feature(
        "team_off_rating",
        112.0,
        (60, 180),
        "Mean offensive rating of his team's last 10 games of the season before the day",
        unit="points per 100 possessions",
        substitute="the mean from the team facts",
    ),
    Feature(
        "team_win_pct",
        0.5,
        (0, 1),
        "Share of games his team won in the season before the day; unknown below 5 games",
        unit="fraction",
    ),
    Feature(
        "vegas_points_line",
        15.0,
        (0, 60),
        "Closing points line of staging's prop_lines (one vendor and book per player, last seen "
        "before tip-off), the line that grading uses; not a mean over books",
        unit="points",
        substitute="his season average",
    ),
    Feature(
        "vegas_opening_line",
        15.0,
        (0, 60),
        "First line of the same book",
        unit="points",
        substitute="his season average",
    ),
    Feature(
        "vegas_line_move",
        0.0,
        (-60, 60),
        "Closing minus opening line; unknown without a line",
        unit="points",
        may_be_constant=LINES_ABSENT,
    ),
    Feature(
        "has_vegas_line",
        0.0,
        (0, 1),
        "1 = a points line was seen before tip-off; 0 is knowledge too",
        integral=True,
        may_be_constant=LINES_ABSENT,
    ),
    Feature(
        "avg_points_vs_opponent",
        15.0,
        (0, 100),
        "His mean points against this opponent in the 1096 days before, over seasons",
        unit="points",
        substitute="his season average",
    ),
    Feature(
        "games_vs_opponent",
        0.0,
        (0, 60),
        "His games against this opponent in the 1096 days before, as far as history reaches",
        integral=True,
        # In the first weeks of all history nobody has met anybody twice.
        varies_when="most_team_games > 20",
    ),
    Feature(
        "minutes_avg_last_10",
        28.0,
        (0, 69),
        f"Mean minutes of {LAST_10}",
        unit="minutes",
    ),
    Feature(
        "ppm_avg_last_10",
        0.4,
        (0, 60),
        f"Mean of per-game points per minute over {LAST_10}, games with minutes",
        unit="points per minute",
    ),
)
