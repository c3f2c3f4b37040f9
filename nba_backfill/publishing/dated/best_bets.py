"""best-bets/{date}.json: the champion's picks by edge, and what came of them (spec 50, 3.2).

Made from the predictions, so that the picks are there before the games, as PENDING; what came of
them is joined from the grades. Texts state the filter that is applied and make no claim of success.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, Self

import pandas as pd
from pydantic import model_validator

from nba_backfill.core.window import Window
from nba_backfill.publishing import alarm as leak_alarm
from nba_backfill.publishing.alarm import alarm
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, Withheld, exporter
from nba_backfill.publishing.gathered import ratio, records, rounded

CAPS = {"premium": 5, "strong": 10, "value": 10}
"""Tier -> picks at most; 25 in all."""

PREMIUM_EDGE, STRONG_EDGE = 5, 3
MOST_POINTS = 25
EARLIER_NEEDED, UNKNOWN_FACTOR = 5, 0.85
MOST_FROM_EDGE = 1.5
FRESH, NORMAL = 95, 75

METHODOLOGY = (
    "Picks of the champion system, OVER and UNDER, on a real line, with fewer than"
    f" {MOST_POINTS} predicted points; confidence from 0.88 to below 0.90 is left out. Tiers by"
    f" edge (distance of prediction and line): premium from {PREMIUM_EDGE}, strong from"
    f" {STRONG_EDGE}, value below; at most {CAPS['premium']}, {CAPS['strong']} and {CAPS['value']}"
    " of them. Ordered by tier, then by confidence x min(1.5, 1 + edge / 10) x the share of the"
    " player's earlier decided picks on the same side that came true"
    f" ({UNKNOWN_FACTOR} below {EARLIER_NEEDED} of them)."
)

Tier = Literal["premium", "strong", "value"]


def tier_of(edge: float) -> Tier:
    """The tier of a distance between prediction and line, in points."""
    if edge >= PREMIUM_EDGE:
        return "premium"
    return "strong" if edge >= STRONG_EDGE else "value"


class TierSummary(Part):
    """Picks by tier; ``standard`` is a tier of earlier versions, and always 0."""

    premium: int
    strong: int
    value: int
    standard: Literal[0]


class Pick(Part):
    """One pick. ``edge`` and ``error`` in points without sign, ``fatigue_score`` 100 = rested."""

    rank: int
    tier: Tier
    player_lookup: str
    player_full_name: str
    game_id: str
    team: str
    opponent: str
    recommendation: Literal["OVER", "UNDER"]
    line: float
    predicted: float
    edge: float
    confidence: float
    composite_score: float
    player_historical_accuracy: float | None
    player_sample_size: int
    fatigue_score: float | None
    fatigue_level: Literal["fresh", "normal", "tired"] | None
    rationale: list[str]
    result: Literal["WIN", "LOSS", "PUSH", "VOID", "PENDING"]
    actual: int | None
    error: float | None

    @model_validator(mode="after")
    def keeps_the_filter(self) -> Self:
        """The tier is that of the edge, the edge that of the figures (P6-3)."""
        if self.tier != tier_of(self.edge):
            raise ValueError(f"{self.player_lookup}: edge {self.edge} is not {self.tier}")
        if abs(abs(self.predicted - self.line) - self.edge) > 0.001:
            raise ValueError(f"{self.player_lookup}: edge {self.edge} is not that of its figures")
        if self.predicted >= MOST_POINTS:
            raise ValueError(f"{self.player_lookup}: {self.predicted} predicted points")
        return self


class BestBets(Document):
    """The document of a game date."""

    game_date: dt.date
    methodology: str
    total_picks: int
    tier_summary: TierSummary
    picks: list[Pick]

    @model_validator(mode="after")
    def is_a_ranking(self) -> Self:
        """Ranks 1 to n, one pick per player and game, tiers in order and within caps (P6-3)."""
        picks = self.picks
        if self.total_picks != len(picks) or [p.rank for p in picks] != [*range(1, len(picks) + 1)]:
            raise ValueError(f"ranks of {len(picks)} picks are not 1 to {self.total_picks}")
        if len({(pick.player_lookup, pick.game_id) for pick in picks}) != len(picks):
            raise ValueError("a player has two picks in one game")
        counts = {tier: sum(pick.tier == tier for pick in picks) for tier in CAPS}
        if counts != self.tier_summary.model_dump(exclude={"standard"}):
            raise ValueError(f"the tiers count {counts}")
        if over := [tier for tier, most in CAPS.items() if counts[tier] > most]:
            raise ValueError(f"more than {CAPS[over[0]]} {over[0]} picks")
        order = list(CAPS)
        if any(order.index(a.tier) > order.index(b.tier) for a, b in pairwise(picks)):
            raise ValueError("a better tier stands below a worse one")
        return self


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, Mapping | Withheld]:
    """The document of one game date, or why it is held back."""
    path = f"best-bets/{day}.json"
    found = records(rows)
    if reasons := [reason for row in found if (reason := alarm(row))]:
        return {path: Withheld(reasons[0])}
    picks = _ranked([row for row in found if row["player_lookup"] is not None])
    counts = {tier: sum(pick["tier"] == tier for pick in picks) for tier in CAPS}
    return {
        path: {
            "game_date": day,
            "methodology": METHODOLOGY,
            "total_picks": len(picks),
            "tier_summary": counts | {"standard": 0},
            "picks": picks,
        }
    }


def composite(row: Mapping) -> float:
    """What a candidate is worth: confidence, edge and how his earlier picks went."""
    accuracy = _accuracy(row)
    known = row["earlier_decided"] >= EARLIER_NEEDED and accuracy is not None
    factor = accuracy if known else UNKNOWN_FACTOR
    return row["confidence"] * min(MOST_FROM_EDGE, 1 + row["edge"] / 10) * factor


def _accuracy(row: Mapping) -> float | None:
    return ratio(row["earlier_right"], row["earlier_decided"], 3)


def _ranked(candidates: Sequence[Mapping]) -> list[dict]:
    """The best candidates of each tier, best tier first."""
    kept: list[Mapping] = []
    for tier, most in CAPS.items():
        of_tier = [row for row in candidates if tier_of(row["edge"]) == tier]
        of_tier.sort(key=lambda row: (-composite(row), row["player_lookup"], row["game_id"]))
        kept += of_tier[:most]
    return [_pick(rank, row) for rank, row in enumerate(kept, start=1)]


def _pick(rank: int, row: Mapping) -> dict:
    fatigue = row["fatigue_score"]
    same = ("player_lookup", "game_id", "team", "opponent", "recommendation")
    return {
        "rank": rank,
        "tier": tier_of(row["edge"]),
        **{name: row[name] for name in same},
        "player_full_name": row["player_name"] or row["player_lookup"],
        **{name: rounded(row[name], 3) for name in ("line", "predicted", "edge", "confidence")},
        "composite_score": rounded(composite(row), 3),
        "player_historical_accuracy": _accuracy(row),
        "player_sample_size": row["earlier_decided"],
        "fatigue_score": rounded(fatigue, 3),
        "fatigue_level": fatigue_level(fatigue),
        "rationale": [*rationale(row)],
        "result": _result(row),
        "actual": row["actual"],
        "error": rounded(row["error"], 3),
    }


def fatigue_level(score: float | None) -> str | None:
    """How rested a player is; None where nothing is known of it."""
    if score is None:
        return None
    if score >= FRESH:
        return "fresh"
    return "normal" if score >= NORMAL else "tired"


def _result(row: Mapping) -> str:
    if row["is_voided"]:
        return "VOID"
    if row["actual"] is None:
        return "PENDING"
    if row["prediction_correct"] is None:
        return "PUSH"
    return "WIN" if row["prediction_correct"] else "LOSS"


def rationale(row: Mapping) -> Iterator[str]:
    """What speaks for a pick, in short sentences about the figures it was chosen by."""
    edge, tier = row["edge"], tier_of(row["edge"])
    side = row["recommendation"]
    yield f"{tier.capitalize()} pick: {edge:.1f} points from the line"
    said = list(_reasons(row, edge, side))
    yield from said or ["No figure beyond the edge stands out"]


def _reasons(row: Mapping, edge: float, side: str) -> Iterator[str]:
    confidence, predicted = row["confidence"], row["predicted"]
    if confidence >= 0.90:
        yield f"Very high confidence ({confidence:.2f})"
    elif confidence >= 0.80:
        yield f"High confidence ({confidence:.2f})"
    if edge >= 5:
        yield "Very large edge"
    elif edge >= 4:
        yield "Large edge"
    elif edge >= 2:
        yield "Clear edge"
    if predicted < 12:
        yield "Bench scorer"
    elif predicted < 18:
        yield "Rotation scorer"
    accuracy, decided = _accuracy(row), row["earlier_decided"]
    if accuracy is not None and decided >= EARLIER_NEEDED and accuracy >= 0.70:
        strong = "Strong" if accuracy >= 0.80 else "Good"
        yield f"{strong} record: {row['earlier_right']} of {decided} earlier {side} picks on him"
    fatigue = row["fatigue_score"]
    if fatigue is not None and fatigue >= FRESH:
        yield "Well rested"
    elif fatigue is not None and fatigue < NORMAL:
        yield "Tired"


TABLE = exporter(
    name="best_bets",
    kind=Kind.DATED,
    paths="best-bets/{date}.json",
    max_age=86400,
    model=BestBets,
    reads={
        "player_prop_predictions": Window.same_day(),
        # His earlier picks of all seasons that are there, and the day's own grades.
        "prediction_accuracy": Window.optional(1826, before=False),
        "player_composite_factors": Window.same_day(),
        # Refused where its figures are too good to be true: then no best bets are published.
        "model_evaluation": Window.same_day(),
        "nba_players_registry": Window.everything(),
    },
    steps=("../shared/champion", "../shared/evaluated"),
    code=(leak_alarm,),
    shape=shape,
    description="The champion's best picks of a date by edge, and what came of them.",
    source=__file__,
)
