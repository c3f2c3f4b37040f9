"""Records by period written a second time, by brute force and from spec 40, 2.8 and 3.3."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd

from nba_backfill_tests.predictions.grading.grading_replica import record_of_a_day

PERIODS = ("rolling_7d", "rolling_30d", "month", "season")
SLICES = ("player_lookup", "archetype", "confidence_tier", "situation")


def period_start(period, as_of):
    """First date of a period that ends with ``as_of``."""
    match period:
        case "rolling_7d":
            return as_of - dt.timedelta(6)
        case "rolling_30d":
            return as_of - dt.timedelta(29)
        case "month":
            return as_of.replace(day=1)
        case _:
            return dt.date(as_of.year - (as_of.month < 10), 10, 1)


def archetypes(facts, registry, season):
    """(game_date, player) -> his type and situations before that game, from the games before."""
    debuts = registry.assign(year=registry.season.str[:4].astype(int))
    start, debuts = debuts.year.min(), debuts.groupby("universal_player_id").year.min()
    found = {}
    facts = facts[facts.season_year == season].sort_values(["player_lookup", "game_date"])
    for player, games in facts.groupby("player_lookup"):
        dates = list(games.game_date)
        points, minutes, usage = (
            games[name].to_numpy(float) for name in ("points", "minutes_played", "usage_rate")
        )
        rest = np.array([np.nan] + [(b - a).days for a, b in itertools.pairwise(dates)])
        debut = debuts.get(games.universal_player_id.iloc[0])
        known = debut is not None and start < debut <= season
        years = season - debut if debut is not None and debut <= season else 0
        for i in range(1, len(dates)):
            long = minutes[:i] >= 10
            situations = {"b2b"} if rest[i] == 1 else {"rest_3plus"} if rest[i] >= 3 else set()
            if i >= 10 and points[:i].mean() - points[i - 1] >= 10 - 1e-9:
                situations.add("bounce_back")
            kind = archetype(points[:i][long], usage[:i][long], rest[:i][long], years, known)
            found[dates[i], player] = kind, situations
    return found


def archetype(points, usage, rest, years, known):
    """The player type of spec 40, 3.3; ``unknown`` where unknown years would decide it."""
    if len(points) < 10:
        return None
    share, mean = np.nanmean(usage), points.mean()
    veteran = share >= 25 and mean >= 20
    prime = share >= 28 and mean >= 22
    young = share >= 22 and mean >= 18
    if veteran and years >= 10:
        return "veteran_star"
    if known and prime and 5 <= years <= 9:
        return "prime_star"
    if known and young and years < 5:
        return "young_star"
    if not known and years < 10 and (veteran or (young and years < 5)):
        return "unknown"
    rested, tired = points[rest >= 3], points[rest < 3]
    effect = abs(rested.mean() - tired.mean()) if len(rested) and len(tired) else np.inf
    return "ironman" if len(points) >= 20 and effect < 1.5 else "role_player"


def summary(rows, profiles, as_of):
    """prediction_performance_summary of one day by brute force: {key: metrics}."""
    rows = rows[~rows.is_voided & (rows.game_date <= as_of)].copy()
    profile = [
        profiles.get(key, (None, set()))
        for key in zip(rows.game_date, rows.player_lookup, strict=True)
    ]
    rows["archetype"] = [kind for kind, _ in profile]
    tier = np.select(
        [rows.confidence_score >= 0.7 - 1e-9, rows.confidence_score >= 0.55 - 1e-9],
        ["high", "medium"],
        "low",
    )
    found = {}
    for (system, period), some in (
        ((s, p), r[r.game_date >= period_start(p, as_of)])
        for s, r in rows.assign(tier=tier).groupby("system_id")
        for p in PERIODS
    ):
        if some.empty:
            continue
        venue = np.where(some.is_home, "home", "away")
        moods = [
            profiles.get(k, (None, set()))[1]
            for k in zip(some.game_date, some.player_lookup, strict=True)
        ]
        slices = {(None, None, None, None): some}
        players = some.groupby("player_lookup").size()
        best = sorted(players[players >= 5].items(), key=lambda item: (-item[1], item[0]))[:200]
        slices |= {(p, None, None, None): some[some.player_lookup == p] for p, _ in best}
        for name, group in some.groupby("tier"):
            slices[None, None, name, None] = group
        for name in ("home", "away"):
            slices[None, None, None, name] = some[venue == name]
        for name in ("b2b", "rest_3plus", "bounce_back"):
            slices[None, None, None, name] = some[[name in mood for mood in moods]]
        for kind, group in some.groupby("archetype"):
            slices[None, kind, None, None] = group
            for name, part in group.groupby("tier"):
                slices[None, kind, name, None] = part
        for dims, group in slices.items():
            if len(group) >= (10 if dims[1] else 1):
                found[system, period, *dims] = metrics(group)
    return found


def metrics(group):
    """The figures of one slice."""
    day = record_of_a_day(group)
    return {
        "total_predictions": day["predictions_count"],
        "total_recommendations": day["recommendations_count"],
        "over_recommendations": day["over_count"],
        "under_recommendations": day["under_count"],
        "pass_recommendations": day["pass_count"],
        "hits": day["correct_count"],
        "misses": day["incorrect_count"],
        "hit_rate": day["win_rate"],
        "over_hit_rate": day["over_win_rate"],
        "under_hit_rate": day["under_win_rate"],
        "mae": day["mae"],
        "avg_bias": day["avg_bias"],
        "within_3_pct": day["within_3_pct"],
        "within_5_pct": day["within_5_pct"],
        "avg_confidence": day["avg_confidence"],
        "unique_players": group.player_lookup.nunique(),
        "unique_games": group.game_id.nunique(),
    }


def evaluation(rows, as_of, period):
    """model_evaluation of one day and period: {(system, population): metrics}."""
    rows = rows[~rows.is_voided & (rows.minutes_played > 0)]
    rows = rows[(rows.game_date <= as_of) & (rows.game_date >= period_start(period, as_of))]
    tier = pd.cut(
        rows.points_avg_season,
        [-1, 8, 15, 22, 999],
        right=False,
        labels=["0_8", "8_15", "15_22", "22_plus"],
    )
    lined = rows.line_value.notna()
    populations = {
        "all": rows,
        "line_rows": rows[lined],
        "no_line_rows": rows[~lined],
        **{name: rows[tier == name] for name in tier.cat.categories},
    }
    return {
        (system, name): accuracy(group)
        for name, some in populations.items()
        for system, group in some.groupby("system_id")
    }


def accuracy(group):
    """The figures of one population."""
    actual = group.actual_points
    base = group.dropna(subset=["points_avg_season", "points_avg_last_5", "points_avg_last_10"])
    blend = (
        0.5 * base.points_avg_last_5 + 0.3 * base.points_avg_last_10 + 0.2 * base.points_avg_season
    )
    line = group[group.line_value.notna()]
    anchored = line[line.line_anchored_points.notna()]
    edge = line.predicted_points - line.line_value
    picks = line[(edge.abs() >= 1 - 1e-9) & (line.actual_points != line.line_value)]
    over = picks.predicted_points > picks.line_value
    hits = int((over == (picks.actual_points > picks.line_value)).sum())
    low, high = wilson(hits, len(picks))
    ranged = group.dropna(subset=["predicted_points_p10", "predicted_points_p90"])
    inside = ranged.actual_points.between(ranged.predicted_points_p10, ranged.predicted_points_p90)

    def mae(of, some):
        return (of - some.actual_points).abs().mean() if len(some) else np.nan

    return {
        "first_date": group.game_date.min(),
        "predictions": len(group),
        "mae": mae(group.predicted_points, group),
        "rmse": np.sqrt(((group.predicted_points - actual) ** 2).mean()),
        "bias": (group.predicted_points - actual).mean(),
        "within_3_pct": (group.absolute_error <= 3).mean(),
        "within_5_pct": (group.absolute_error <= 5).mean(),
        "baseline_rows": len(base),
        "mae_on_baseline_rows": mae(base.predicted_points, base),
        "season_average_mae": mae(base.points_avg_season, base),
        "last_10_mae": mae(base.points_avg_last_10, base),
        "last_5_mae": mae(base.points_avg_last_5, base),
        "blend_mae": mae(blend, base),
        "line_rows": len(line),
        "mae_on_line_rows": mae(line.predicted_points, line),
        "line_mae": mae(line.line_value, line),
        "anchored_rows": len(anchored),
        "line_anchored_mae": mae(anchored.line_anchored_points, anchored),
        "line_mae_on_anchored_rows": mae(anchored.line_value, anchored),
        "picks": len(picks),
        "pick_hits": hits,
        "hit_rate": hits / len(picks) if len(picks) else np.nan,
        "hit_rate_low": low,
        "hit_rate_high": high,
        "interval_rows": len(ranged),
        "interval_coverage": inside.mean() if len(ranged) else np.nan,
        "below_p10_pct": share(ranged.actual_points < ranged.predicted_points_p10),
        "below_p90_pct": share(ranged.actual_points < ranged.predicted_points_p90),
        "trained_rows": int((group.model_type == "trained").sum()),
        "fallback_rows": int((group.model_type == "fallback").sum()),
    }


def share(flags):
    """Mean of flags; NaN without any."""
    return flags.mean() if len(flags) else np.nan


def wilson(hits, n, z=1.959964):
    """The 95 % interval of a rate, by solving |p - rate| = z sqrt(p (1 - p) / n) for p."""
    if not n:
        return np.nan, np.nan
    rate = hits / n
    low, high = sorted(np.roots([1 + z * z / n, -(2 * rate + z * z / n), rate * rate]).real)
    return low, high
