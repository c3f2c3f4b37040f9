"""The prediction systems a second time, in plain Python from the specification (spec 40, 2.6, 2.7).

A ``row`` is a dict of what is known of one player before tip-off: the feature store's columns,
``line``, ``ready`` and ``minutes_7``. Confidences are points of 100, exact.
"""

import math
from fractions import Fraction
from statistics import NormalDist

from nba_backfill.predictions.forecasting.prediction_columns import LEARNED

AVERAGES, ZONES, SIMILARITY = (
    "moving_average_baseline_v1",
    "zone_matchup_v1",
    "similarity_balanced_v1",
)
ENSEMBLE = "ensemble_v1"
THRESHOLDS = {
    SIMILARITY: (2.0, 65),
    "xgboost_v1": (1.5, 60),
    "catboost_v8": (1.0, 60),
    "challenger": (1.0, 60),
    ENSEMBLE: (1.5, 65),
}


def clip(value, low, high):
    return max(low, min(high, value))


def by_freshness(row, tired, worn):
    return tired if row["fatigue_score"] < 50 else worn if row["fatigue_score"] < 70 else 0.0


def by_steps(value, steps, otherwise):
    return next((points for bound, points in steps if value >= bound), otherwise)


def steadiness(row):
    deviation = row["points_std_last_10"]
    return 10 if deviation < 4 else 7 if deviation < 6 else 5 if deviation < 8 else 2


def is_valid(row):
    return (
        0 <= row["points_avg_season"] <= 60
        and 0 <= row["points_avg_last_5"] <= 80
        and 0 <= row["points_avg_last_10"] <= 80
        and 95 <= row["opponent_def_rating"] <= 125
    )


def moving_average(row):
    points = (
        0.5 * row["points_avg_last_5"]
        + 0.3 * row["points_avg_last_10"]
        + 0.2 * row["points_avg_season"]
        + by_freshness(row, -2.5, -1.0)
        + 0.3 * row["shot_zone_mismatch_score"]
        - 1.5 * row["back_to_back"]
        + 0.3 * row["pace_score"]
        + (0.5 if row["is_home"] else -0.5)
        + 0.4 * row["usage_spike_score"]
    )
    confidence = 50 - (
        15 if row["points_std_last_10"] > 6 else 8 if row["points_std_last_10"] > 4 else 0
    )
    confidence += by_steps(row["games_in_last_7_days"], [(3, 10), (2, 5)], -10)
    return clip(points, 0, 60), clip(confidence, 20, 80)


def zone_matchup(row, league_mean):
    points = row["points_avg_season"] + 0.4 * row["pace_score"] + by_freshness(row, -1.5, -0.8)
    points += 0.8 if row["is_home"] else -0.8
    for share, multiplier in (
        ("pct_paint", 1.2),
        ("pct_mid_range", 1.0),
        ("pct_three", 1.1),
        ("pct_free_throw", 0.8),
    ):
        score = clip((row["opponent_def_rating"] - league_mean) * 0.3 * multiplier, -3, 3)
        points += score * by_steps(row[share], [(0.4, 1.0), (0.2, 0.7)], 0.4)
    return clip(points, 0, 60), moving_average(row)[1]


def tier(rating):
    return None if rating is None else 0 if rating < 110 else 1 if rating < 115 else 2


def form(recent, season):
    return 1 if recent - season >= 3 else -1 if recent - season <= -3 else 0


def closeness(a, b, same, adjacent):
    if a is None or b is None:
        return 0
    return same if a == b else adjacent if abs(a - b) == 1 else 0


def similar_games(row, games, ratings, day):
    """(similarity, points) of the games like tonight's, best first, the newer of equals first."""
    earlier = [game for game in games if game[0] < day]
    newest_first = []
    for n in reversed(range(max(0, len(earlier) - 30), len(earlier))):
        played, points, opponent, home = earlier[n]
        if (day - played).days > 90:
            continue
        known = [game[1] for game in earlier[:n]]
        rest = min((played - earlier[n - 1][0]).days - 1, 3) if n else None
        mood = (
            form(Fraction(sum(known[-5:]), len(known[-5:])), Fraction(sum(known), n)) if n else None
        )
        tonight_mood = form(round(row["points_avg_last_5"] - row["points_avg_season"], 9), 0)
        similarity = (
            closeness(
                tier(ratings.get((played, opponent))), tier(row["opponent_def_rating"]), 40, 20
            )
            + closeness(rest, min(row["days_rest"] - 1, 3), 30, 15)
            + (15 if home == row["is_home"] else 0)
            + (15 if mood == tonight_mood else 5)
        )
        newest_first.append((similarity, points))
    alike = [game for game in newest_first if game[0] >= 70]
    return sorted(alike, key=lambda game: -game[0])[:20]


def similarity_system(row, alike):
    if len(alike) < 5:
        return None
    n, weight = len(alike), sum(s for s, _ in alike)
    points = sum(s * p for s, p in alike) / weight
    points += (row["fatigue_score"] - 70) * 0.015 + 0.4 * row["shot_zone_mismatch_score"]
    points += 0.8 * row["pace_score"] + 0.8 * row["usage_spike_score"]
    points += 0.8 if row["is_home"] else -0.5
    mean = Fraction(sum(p for _, p in alike), n)
    variance = sum((p - mean) ** 2 for _, p in alike) / n
    confidence = 50 + by_steps(n, [(15, 20), (10, 15), (7, 10)], -15)
    confidence += by_steps(Fraction(weight, n), [(85, 20), (75, 15)], 10)
    confidence += 15 if variance < 16 else 8 if variance < 36 else 3 if variance < 64 else -5
    return clip(points, 0, 60), clip(confidence, 0, 100)


def learned_system(row, system, forecast):
    """(points, confidence, whether trained)."""
    if not is_valid(row) or forecast is None:
        season = row["points_avg_season"]
        missing = set(row["default_features"])
        last_5, last_10 = (
            season if name in missing else row[name]
            for name in ("points_avg_last_5", "points_avg_last_10")
        )
        return clip(0.40 * last_5 + 0.35 * last_10 + 0.25 * season, 0, 60), 50, False
    quality = row["feature_quality_score"]
    if system == "xgboost_v1":
        trust = 70 + by_steps(quality, [(90, 10), (80, 7), (70, 5), (60, 2)], 0)
    else:
        trust = 75 + by_steps(quality, [(90, 10), (80, 7), (70, 5)], 2)
    return clip(forecast, 0, 60), min(trust + steadiness(row), 100), True


def chances(forecast, p10, p90, line, weight=1.0):
    """(over, under) of whole points around a line, from the two halves of the distribution.

    ``weight``: how far from the line to the forecast the halves meet.
    """
    median = forecast if weight == 1 else round(line + weight * (forecast - line) + 1e-9, 2)

    def at_most(points):
        half = forecast - p10 if points < median else p90 - forecast
        return NormalDist(median, max(half, 0.5) / NormalDist().inv_cdf(0.9)).cdf(points)

    return 1 - at_most(math.floor(line) + 0.5), at_most(math.ceil(line) - 0.5)


def recommend(system, points, confidence, line):
    if line is None:
        return "NO_LINE"
    edge = round(points - line, 9)
    if system in (AVERAGES, ZONES):
        enough = abs(edge) > 2 and confidence > 45
    else:
        least_edge, least_confidence = THRESHOLDS[system]
        enough = abs(edge) >= least_edge and confidence >= least_confidence
    return ("OVER" if edge > 0 else "UNDER") if enough else "PASS"


def ensemble(members, line):
    """(points, confidence, recommendation, variance, members) of members' first three."""
    n = len(members)
    points = sum(p * c for p, c, _ in members) / sum(c for _, c, _ in members)
    mean = sum(p for p, *_ in members) / n
    variance = sum((p - mean) ** 2 for p, *_ in members) / n
    deviation = math.sqrt(round(variance, 9))
    confidence = Fraction(sum(c for _, c, _ in members), n)
    confidence += 10 if deviation < 2 else 5 if deviation < 3 else -5 if deviation < 6 else -10
    confidence = clip(confidence + (5 if n == 4 else 0), 20, 95)
    said = recommend(ENSEMBLE, points, confidence, line)
    if said in ("OVER", "UNDER"):
        other = "UNDER" if said == "OVER" else "OVER"
        if sum(recommendation == other for *_, recommendation in members) > n / 2:
            said = "PASS"
    return points, confidence, said, variance, n


def expected_rows(row, games, ratings, league_mean, forecasts, day):
    """System -> (points, confidence, recommendation, model type) of one player."""
    line, found, trained = row["line"], {}, {}
    if is_valid(row):
        found[AVERAGES] = moving_average(row)
        found[ZONES] = zone_matchup(row, league_mean)
        found[SIMILARITY] = similarity_system(row, similar_games(row, games, ratings, day))
    for system in LEARNED:
        *found[system], trained[system] = learned_system(row, system, forecasts.get(system))
    rows = {}
    for system, pair in found.items():
        if pair is not None:
            points, confidence = pair
            said = recommend(system, points, confidence, line)
            if trained.get(system) is False and said != "NO_LINE":
                said = "PASS"
            kind = {None: "rule", True: "trained", False: "fallback"}[trained.get(system)]
            rows[system] = points, confidence, said, kind
    if is_valid(row):
        learned = "catboost_v8" if trained["catboost_v8"] else "xgboost_v1"
        members = [rows[s][:3] for s in (AVERAGES, ZONES, SIMILARITY, learned) if s in rows]
        points, confidence, said, *_ = ensemble(members, line)
        rows[ENSEMBLE] = points, confidence, said, "rule"
    return rows


def reason_not_to_act(row, confidence, recommendation, kind):
    if 88 <= confidence < 90:
        return "confidence_tier_88_90"
    if kind == "fallback":
        return "fallback"
    if row["feature_quality_score"] < 50:
        return "low_quality"
    if row["line"] is None and (row["minutes_7"] or 0) < 15:
        return "low_minutes"
    if not row["ready"]:
        return "incomplete_context"
    return {"NO_LINE": "no_line", "PASS": "pass"}.get(recommendation)


def hundredths(confidence):
    """Rounded half up, as the warehouse rounds."""
    return math.floor(Fraction(confidence) + Fraction(1, 2))
