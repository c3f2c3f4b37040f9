"""Rows of a few players' games, and the documents that come of them."""

import datetime as dt
import json

import pandas as pd

from nba_backfill.materialization.computation import Gathered
from nba_backfill_tests.by_hand import computed

DAY = dt.date(2024, 1, 15)
CHAMPION = "catboost_v8"


def documents(table, day=DAY, **inputs):
    """What an exporter publishes of a day, by path, from input rows that name what matters."""
    rows = pd.DataFrame(computed(table, day, **inputs))
    return published(table, rows, day)


def published(table, rows, day=DAY):
    """What an exporter publishes of a day, by path, from gathered rows."""
    made = table.compute(Gathered((day,), rows, None, print))
    assert not made["problem"].any(), list(made["problem"])
    return {row.path: json.loads(row.document) for row in made.itertuples()}


def before(days, day=DAY):
    """So many days before the day."""
    return day - dt.timedelta(days)


def game_id(day, club, against, *, at_home):
    """The id of a game as one of its clubs sees it."""
    away, home = (against, club) if at_home else (club, against)
    return f"{day:%Y%m%d}_{away}_{home}"


def season_of(day):
    """The year a day's season starts in."""
    return day.year if day.month >= 10 else day.year - 1


def verdict(points, line):
    """What points are against a line."""
    if line is None:
        return None
    return "OVER" if points > line else "UNDER" if points < line else "PUSH"


def played(
    day, player="ann", points=20, line=None, *, club="BOS", against="NYK", home=True, **more
):
    """A row of the player facts."""
    return {
        "game_date": day,
        "season_year": season_of(day),
        "game_id": game_id(day, club, against, at_home=home),
        "player_lookup": player,
        "team_abbr": club,
        "opponent_team_abbr": against,
        "points": points,
        "minutes_played": 30,
        "is_active": True,
        "points_line": line,
        "over_under_result": verdict(points, line),
    } | more


def scheduled(day, club="BOS", against="NYK", *, home=True, score=(100, 90), **more):
    """A game, with its final score from the club's view; without a score it is still to come."""
    own, other = score or (None, None)
    return {
        "game_date": day,
        "season_year": season_of(day),
        "game_id": game_id(day, club, against, at_home=home),
        "home_team_abbr": club if home else against,
        "away_team_abbr": against if home else club,
        "home_score": own if home else other,
        "away_score": other if home else own,
        "is_final": score is not None,
        "is_over": score is not None,
    } | more


def graded(day, player="ann", pick="OVER", *, right=True, void=False, error=2.0, **more):
    """A graded prediction of the champion."""
    return {
        "game_date": day,
        "season_year": season_of(day),
        "game_id": game_id(day, "BOS", "NYK", at_home=True),
        "player_lookup": player,
        "system_id": CHAMPION,
        "team_abbr": "BOS",
        "opponent_team_abbr": "NYK",
        "recommendation": pick,
        "prediction_correct": right,
        "is_voided": void,
        "confidence_score": 0.7,
        "absolute_error": abs(error),
        "signed_error": error,
        "within_3_points": abs(error) <= 3,
        "within_5_points": abs(error) <= 5,
    } | more


def expected(day, player="ann", *, club="BOS", against="NYK", home=True, **more):
    """A row of the pool."""
    return {
        "game_date": day,
        "season_year": season_of(day),
        "game_id": game_id(day, club, against, at_home=home),
        "player_lookup": player,
        "team_abbr": club,
        "opponent_team_abbr": against,
        "home_game": home,
        "back_to_back": False,
    } | more


def forecast(day, player="ann", points=22.5, line=20.5, pick="OVER", **more):
    """A forecast of the champion."""
    return {
        "game_date": day,
        "game_id": game_id(day, "BOS", "NYK", at_home=True),
        "player_lookup": player,
        "system_id": CHAMPION,
        "predicted_points": points,
        "confidence_score": 0.8,
        "recommendation": pick,
        "current_points_line": line,
        "line_margin": None if line is None else points - line,
    } | more


def registered(player="ann", name="Ann Example", season="2023-24", club="BOS"):
    """A row of the registry."""
    return {"player_lookup": player, "player_name": name, "season": season, "team_abbr": club}
