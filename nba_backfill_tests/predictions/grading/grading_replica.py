"""Grades and daily records written a second time, in pandas and from spec 40, 3.1 and 3.2."""

import numpy as np
import pandas as pd

COUNTS = [
    "points",
    "fg_attempts",
    "ft_attempts",
    "assists",
    "offensive_rebounds",
    "defensive_rebounds",
    "steals",
    "blocks",
    "turnovers",
    "personal_fouls",
]
KEY = ["game_date", "game_id", "player_lookup"]


def frame(real_predictions, sql):
    """Rows of a query as a DataFrame, dates as dates and decimals as floats."""
    relation = real_predictions.warehouse.connection.execute(sql)
    kinds = {name: str(kind) for name, kind, *_ in relation.description}
    found = relation.df()
    for name, kind in kinds.items():
        if kind == "DATE":
            found[name] = found[name].dt.date
        elif kind.startswith("DECIMAL"):
            found[name] = found[name].astype(float)
    return found


def rounded(values, digits):
    """Halves away from zero, as exact arithmetic on decimals has them."""
    values = np.asarray(values, float)
    return np.sign(values) * np.floor(np.abs(values) * 10**digits + 0.5 + 1e-6) / 10**digits


def void_reason(status, listed):
    """The reason of a void from the status before tip, if it was listed at all."""
    if listed and status in ("OUT", "DOUBTFUL"):
        return "dnp_injury_confirmed"
    if listed and status in ("QUESTIONABLE", "PROBABLE"):
        return "dnp_late_scratch"
    return "dnp_unknown"


BLIND = {
    "moving_average_baseline_v1",
    "zone_matchup_v1",
    "similarity_balanced_v1",
    "xgboost_v1",
}
"""Systems that have not read the closing line."""


def market_of(row, quote):
    """Opening line, pick against it, and what the close gave that pick, in points and chance."""
    if quote is None or not row.has_prop_line:
        return None, None, None, None
    opening, closing = float(quote.opening_line), float(quote.points_line)
    watched = pd.isna(quote.opening_at) or quote.opening_at < quote.closing_at
    edge = round(row.predicted_points - opening, 1)
    if row.is_voided or row.system_id not in BLIND or not watched or abs(edge) < 1:
        return opening, None, None, None
    sign = 1 if edge > 0 else -1
    chance = None
    if opening == closing and not pd.isna(quote.opening_over_probability - quote.over_probability):
        chance = sign * (quote.over_probability - quote.opening_over_probability)
    return opening, "OVER" if sign > 0 else "UNDER", sign * (closing - opening), chance


def grade(predictions, facts, games, injuries, features, quotes):
    """The grades of some days, indexed by key and system."""
    finished = games.groupby("game_date").is_over.all()
    clubs = facts.groupby("game_id").team_abbr.nunique()
    rows = predictions[predictions.game_date.isin(finished.index[finished])]
    rows = rows.merge(
        facts[[*KEY, "team_abbr", "opponent_team_abbr", "minutes_played", *COUNTS]],
        on=KEY,
        how="left",
        suffixes=("", "_actual"),
        indicator="in_box_score",
    )
    postponed = ~rows.game_id.isin(set(games.game_id))
    rows = rows[postponed | rows.game_id.isin(clubs.index[clubs == 2])].copy()
    postponed = postponed[rows.index]
    rows = rows.merge(
        injuries[["game_date", "player_lookup", "injury_status"]],
        on=["game_date", "player_lookup"],
        how="left",
    ).set_index(rows.index)
    averages = ["points_avg_season", "points_avg_last_5", "points_avg_last_10"]
    rows = rows.merge(
        features[[*KEY, "default_features", *averages]], on=KEY, how="left"
    ).set_index(rows.index)

    seen = rows.in_box_score == "both"
    played = seen & ((rows.minutes_played > 0) | (rows[COUNTS].fillna(0).sum(axis=1) > 0))
    void = postponed | ~played
    captured = rows.injury_status_at_prediction.notna() | rows.injury_flag_at_prediction.notna()
    status = rows.injury_status_at_prediction.where(captured, rows.injury_status.str.upper())
    flag = rows.injury_flag_at_prediction.eq(True).where(
        captured, status.isin(["OUT", "DOUBTFUL", "QUESTIONABLE", "PROBABLE"])
    )
    reasons = [void_reason(s, f) for s, f in zip(status, flag, strict=True)]
    reason = pd.Series(reasons, rows.index).where(void).mask(postponed, "game_postponed")
    signed = (rows.predicted_points - rows.points).where(~void).round(1)
    line, actual = rows.current_points_line, rows.points.where(~void)
    decided = rows.recommendation.isin(["OVER", "UNDER"]) & line.notna() & (actual != line) & ~void
    right = (actual > line) == (rows.recommendation == "OVER")
    graded = pd.DataFrame(
        {
            **{name: rows[name] for name in (*KEY, "system_id", "season_year", "is_home")},
            "team_abbr": rows.team_abbr_actual.fillna(rows.team_abbr),
            "opponent_team_abbr": rows.opponent_team_abbr_actual.fillna(rows.opponent_team_abbr),
            "confidence_decile": [
                min(10, int(np.floor(c * 10 + 1e-9)) + 1) for c in rows.confidence_score
            ],
            "line_value": line,
            "actual_points": rows.points,
            "minutes_played": rows.minutes_played,
            "signed_error": signed,
            "absolute_error": signed.abs(),
            "within_3_points": (signed.abs() <= 3).astype(object).where(~void, None),
            "within_5_points": (signed.abs() <= 5).astype(object).where(~void, None),
            "predicted_margin": (rows.predicted_points - line).round(1),
            "actual_margin": (actual - line).round(1),
            "prediction_correct": right.astype(object).where(decided, None),
            "is_voided": void,
            "void_reason": reason.astype(object).where(reason.notna(), None),
            "pre_game_injury_flag": flag.astype(bool),
            "pre_game_injury_status": status.astype(object).where(status.notna(), None),
            "injury_confirmed_postgame": reason.isin(["dnp_injury_confirmed", "dnp_late_scratch"]),
            "similarity_sample_size": rows.similar_games_count,
        }
    )
    for name in averages:
        default = [name in defaults for defaults in rows.default_features]
        graded[name] = rows[name].mask(default)
    for name in (
        "predicted_points",
        "predicted_points_p10",
        "predicted_points_p90",
        "predicted_points_mean",
        "line_anchored_points",
        "confidence_score",
        "recommendation",
        "has_prop_line",
        "line_source",
        "estimated_line_value",
        "is_actionable",
        "filter_reason",
        "pace_adjustment",
        "prediction_variance",
        "model_type",
        "model_version",
        "over_probability",
        "under_probability",
        "line_anchored_over_probability",
        "line_anchored_under_probability",
        "over_price_american",
        "under_price_american",
        "market_over_probability",
    ):
        graded[name] = rows[name]
    by_player = {(q.game_date, q.player_lookup): q for q in quotes.itertuples()}
    found = []
    for row in graded.itertuples():
        quote = by_player.get((row.game_date, row.player_lookup))
        elsewhere = quote is not None and quote.game_id not in (None, row.game_id)
        found.append(market_of(row, None if elsewhere else quote))
    names = (
        "opening_line_value",
        "opening_pick",
        "closing_line_value",
        "closing_probability_value",
    )
    for name, values in zip(names, zip(*found, strict=True), strict=True):
        kind = object if name == "opening_pick" else float
        graded[name] = pd.Series(values, graded.index, dtype=kind)
    return graded.set_index([*KEY, "system_id"]).sort_index()


def ratio(part, whole, digits=3):
    """A rounded quotient; NaN without anything to divide by."""
    return float(rounded(part / whole, digits)) if whole else np.nan


def record_of_a_day(rows):
    """What system_daily_performance says of one system's rows of one day."""
    graded = rows[~rows.is_voided]
    picks = graded[graded.recommendation.isin(["OVER", "UNDER"])]
    sure = picks[picks.confidence_score >= 0.7 - 1e-9]
    n = len(graded)

    def hits(some):
        return int((some.prediction_correct == True).sum())  # noqa: E712

    def misses(some):
        return int((some.prediction_correct == False).sum())  # noqa: E712

    over, under = picks[picks.recommendation == "OVER"], picks[picks.recommendation == "UNDER"]
    near_3 = int((graded.absolute_error <= 3).sum())
    near_5 = int((graded.absolute_error <= 5).sum())
    return {
        "predictions_count": n,
        "voided_count": len(rows) - n,
        "recommendations_count": len(picks),
        "correct_count": hits(picks),
        "incorrect_count": misses(picks),
        "push_count": len(picks) - hits(picks) - misses(picks),
        "pass_count": int((graded.recommendation == "PASS").sum()),
        "no_line_count": int((graded.recommendation == "NO_LINE").sum()),
        "win_rate": ratio(hits(picks), hits(picks) + misses(picks)),
        "mae": ratio(graded.absolute_error.sum(), n, 2),
        "avg_bias": ratio(graded.signed_error.sum(), n, 2),
        "rmse": float(rounded(np.sqrt((graded.signed_error**2).sum() / n), 2)),
        "over_count": len(over),
        "over_correct": hits(over),
        "over_win_rate": ratio(hits(over), hits(over) + misses(over)),
        "under_count": len(under),
        "under_correct": hits(under),
        "under_win_rate": ratio(hits(under), hits(under) + misses(under)),
        "within_3_count": near_3,
        "within_3_pct": ratio(near_3, n),
        "within_5_count": near_5,
        "within_5_pct": ratio(near_5, n),
        "avg_confidence": ratio(graded.confidence_score.sum(), n),
        "high_confidence_count": len(sure),
        "high_confidence_correct": hits(sure),
        "high_confidence_win_rate": ratio(hits(sure), hits(sure) + misses(sure)),
    }
