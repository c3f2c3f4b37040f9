"""How well each player is predicted, and how he has played: an index, and a file a player (5.1).

Whatever is said is said as of the document's date: no later game, grade or pool enters. Voids
(he did not play, or the game was put off) are no predictions that came out, and count nowhere.
The site's news have no source in the warehouse, so ``recent_news`` stays empty here; the files of
:mod:`nba_backfill.publishing.live.news` hold them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from nba_backfill.core.table import Rows
from nba_backfill.core.window import Window
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import ratio
from nba_backfill.publishing.players import figures
from nba_backfill.publishing.players.figures import (
    Game,
    by_player,
    margin_of,
    mean_of,
    newest_first,
    over_rate,
    share_true,
    shots,
    whole,
)
from nba_backfill.publishing.players.profile_documents import (
    GAMES_LOGGED,
    PlayerIndex,
    PlayerProfile,
)

GAMES_FOR_INDEX, GAMES_FOR_PROFILE = 3, 5
"""Days with a graded prediction from which a player is listed, and from which he has a file."""

GAMES_AGAINST = 2
"""Games from which an opponent is a split."""

LARGE_BIAS, SMALL_BIAS = 3, 1
CALLS_TO_JUDGE, EXCELLENT, GOOD, AVERAGE = 5, 0.85, 0.70, 0.55
SMALL_SAMPLE, MODERATE_SAMPLE = 5, 15


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The index and the files of all players who have one, as of a day."""
    entries, files = [], {}
    for lookup, found in by_player(rows):
        games = newest_first(found)
        graded = [game for game in games if game["is_graded"]]
        days_graded = len({game["game_date"] for game in graded})
        if days_graded >= GAMES_FOR_INDEX:
            entries.append(_entry(lookup, games, graded, days_graded))
        if days_graded >= GAMES_FOR_PROFILE:
            files[f"players/{lookup}.json"] = _profile(lookup, games, graded)
    entries.sort(key=lambda entry: (-entry["games_predicted"], entry["player_lookup"]))
    return {"players/index.json": {"total_players": len(entries), "players": entries}, **files}


def _profile(lookup: str, games: Sequence[dict], graded: Sequence[dict]) -> dict:
    """One player's file from his games, newest first, of which some are graded."""
    played = [game for game in games if game["is_played"]]
    summary = _summary(graded)
    return {
        "player_lookup": lookup,
        "player_full_name": _name(lookup, games),
        "recent_news": [],
        "summary": summary,
        "interpretation": interpretation(summary),
        "game_log": [_logged(game) for game in played[:GAMES_LOGGED]],
        "splits": _splits(played),
        "our_track_record": _track_record(graded),
        "next_game": _next_game(games[0]),
    }


def _name(lookup: str, games: Sequence[Game]) -> str:
    """The registry's name, else the newest box score's, else the lookup."""
    printed = next((g["player_full_name"] for g in games if g["player_full_name"]), lookup)
    return games[0]["player_name"] or printed


def _entry(lookup: str, games: Sequence[Game], graded: Sequence[Game], days: int) -> dict:
    calls = _record(graded)
    return {
        "player_lookup": lookup,
        "player_full_name": _name(lookup, games),
        "team": graded[0]["team_abbr"],
        "games_predicted": days,
        "recommendations": _calls(graded),
        "mae": mean_of(graded, "absolute_error", 2),
        "win_rate": calls["pct"],
        "bias": mean_of(graded, "signed_error", 2),
        "within_5_pct": share_true((game["within_5_points"] for game in graded), 3),
    }


def _summary(graded: Sequence[Game]) -> dict:
    calls = _record(graded)
    return {
        "team": graded[0]["team_abbr"],
        "games_predicted": len({game["game_date"] for game in graded}),
        "total_recommendations": _calls(graded),
        "correct": calls["wins"],
        "mae": mean_of(graded, "absolute_error", 2),
        "win_rate": calls["pct"],
        "bias": mean_of(graded, "signed_error", 2),
        "avg_confidence": mean_of(graded, "confidence", 3),
        "within_3_pct": share_true((game["within_3_points"] for game in graded), 3),
        "within_5_pct": share_true((game["within_5_points"] for game in graded), 3),
        "date_range": {"first": graded[-1]["game_date"], "last": graded[0]["game_date"]},
    }


def _calls(graded: Sequence[Game], *sides: str) -> int:
    return sum(game["recommendation"] in (sides or ("OVER", "UNDER")) for game in graded)


def _record(graded: Sequence[Game], *sides: str) -> dict:
    """Wins and losses of the picks of some sides, all by default; pushes are neither."""
    verdicts = [
        game["prediction_correct"]
        for game in graded
        if game["recommendation"] in (sides or ("OVER", "UNDER"))
    ]
    wins, losses = verdicts.count(True), verdicts.count(False)
    return {"wins": wins, "losses": losses, "pct": ratio(wins, wins + losses, 3)}


def _track_record(graded: Sequence[Game]) -> dict:
    return {
        "total_predictions": len(graded),
        "overall": _record(graded),
        "over_calls": {"total": _calls(graded, "OVER"), **_record(graded, "OVER")},
        "under_calls": {"total": _calls(graded, "UNDER"), **_record(graded, "UNDER")},
        "avg_error": mean_of(graded, "absolute_error", 2),
        "bias": mean_of(graded, "signed_error", 2),
        "within_3_pts": share_true((game["within_3_points"] for game in graded), 3),
        "within_5_pts": share_true((game["within_5_points"] for game in graded), 3),
    }


def interpretation(summary: Mapping) -> dict:
    """A summary's bias, win rate and sample in words; nothing is said of what is unknown."""
    return {
        "bias": None if summary["bias"] is None else _bias(summary["bias"]),
        "accuracy": _accuracy(summary["win_rate"], summary["total_recommendations"]),
        "sample_size": _sample(summary["games_predicted"]),
    }


def _bias(bias: float) -> str:
    if abs(bias) <= SMALL_BIAS:
        return f"Predictions are about right on average ({bias:+} points)"
    side = "over" if bias > 0 else "under"
    size = "well " if abs(bias) > LARGE_BIAS else ""
    return f"Predicted {size}{side} what he scores ({bias:+} points)"


def _accuracy(win_rate: float | None, calls: int) -> str | None:
    if win_rate is None or calls < CALLS_TO_JUDGE:
        return None
    words = ((EXCELLENT, "Excellent"), (GOOD, "Good"), (AVERAGE, "Average"))
    word = next((word for least, word in words if win_rate >= least), "Below average")
    return f"{word} record: {win_rate:.1%} of the picks came true"


def _sample(games: int) -> str:
    if games < SMALL_SAMPLE:
        return f"Few games: {games}"
    size = "Moderate" if games < MODERATE_SAMPLE else "Large"
    return f"{size} sample: {games} games"


def _logged(game: Game) -> dict:
    line = game["line"]
    return {
        "game_date": game["game_date"],
        "opponent": game["opponent"],
        "home_game": game["is_home"],
        "team_result": {True: "W", False: "L", None: None}[game["team_won"]],
        "points": whole(game["points"]),
        "minutes": game["minutes"],
        "fg": shots(game["fg_makes"], game["fg_attempts"]),
        "three": shots(game["three_pt_makes"], game["three_pt_attempts"]),
        "ft": shots(game["ft_makes"], game["ft_attempts"]),
        **{name: whole(game[name]) for name in figures.COUNTED},
        "line": line,
        "over_under": game["over_under"],
        "margin": margin_of(game["points"], line),
    }


def _splits(played: Sequence[Game]) -> dict:
    against = defaultdict(list)
    for game in played:
        against[game["opponent"]].append(game)
    opponents = [
        {"opponent": club, **_split(games)}
        for club, games in sorted(against.items())
        if len(games) >= GAMES_AGAINST
    ]
    return {
        "rest": {
            "b2b": _split([g for g in played if g["days_since_last"] == 1]),
            "one_day": _split([g for g in played if g["days_since_last"] == 2]),
            "two_day": _split([g for g in played if g["days_since_last"] == 3]),
            "three_plus": _split([g for g in played if (g["days_since_last"] or 0) >= 4]),
        },
        "location": {
            "home": _split([g for g in played if g["is_home"]]),
            "away": _split([g for g in played if not g["is_home"]]),
        },
        "opponents": sorted(opponents, key=lambda split: -split["games"]),
    }


def _split(games: Sequence[Game]) -> dict:
    return {
        "avg": mean_of(games, "points"),
        "games": len(games),
        "vs_line_pct": over_rate(games, 3),
    }


def _next_game(row: Game) -> dict | None:
    if row["next_game_id"] is None:
        return None
    return {
        "game_date": row["next_game_date"],
        "game_id": row["next_game_id"],
        "opponent": row["next_opponent"],
        "home_game": row["next_home_game"],
        "has_prediction": row["next_has_prediction"],
    }


TABLE = exporter(
    name="player_profiles",
    kind=Kind.PER_PLAYER,
    paths=("players/index.json", "players/{player_lookup}.json"),
    max_age=3600,
    model={
        "players/index.json": PlayerIndex,
        "players/{player_lookup}.json": PlayerProfile,
    },
    reads={
        "games": Window.known_history(before=False),
        "player_game_summary": Window.known_history(before=False),
        "prediction_accuracy": Window.known_history(before=False),
        "upcoming_player_game_context": Window.same_day(),
        "player_prop_predictions": Window.same_day(),
        "nbac_schedule": Window.whole_season(),
        "nba_players_registry": Window.everything(),
    },
    steps=(
        "../../precompute/shared/games_played",
        "../../staging/shared/clubs",
        "../shared/champion",
        "shared/player_games",
        "shared/forecasts",
        "shared/played_or_graded",
        "shared/known_names",
    ),
    shape=shape,
    expects=Rows.per_day(1),
    code=(figures,),
    description="How well each player is predicted, how he has played, and his next game.",
    source=__file__,
)
