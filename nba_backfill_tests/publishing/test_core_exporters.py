"""results, best bets, predictions, performance: each rule of the contract on rows made for it.

Defect numbers are those of section 8 of the specification of publishing.
"""

from __future__ import annotations

import datetime as dt
import json
import math

import pandas as pd
import pytest
from pydantic import ValidationError

from nba_backfill.predictions.forecasting.prediction_columns import CHAMPION
from nba_backfill.publishing import alarm as leak_alarm
from nba_backfill.publishing.dated import best_bets, predictions, results
from nba_backfill.publishing.dated.best_bets import CAPS, METHODOLOGY, BestBets
from nba_backfill.publishing.dated.predictions import Predictions
from nba_backfill.publishing.dated.results import Results
from nba_backfill.publishing.exporter import Withheld
from nba_backfill.publishing.gathered import plain
from nba_backfill.publishing.snapshots import system_performance
from nba_backfill.publishing.snapshots.system_performance import SystemPerformance

DAY = dt.date(2024, 1, 15)
GAME = "20240115_BOS_TOR"


def frame(rows):
    return pd.DataFrame(rows, dtype=object)


def made(exporter, model, rows):
    """The document that an exporter makes of some rows, as its readers see it."""
    [document] = exporter.shape(DAY, frame(rows)).values()
    return json.loads(model.model_validate(document).to_text())


def grade(player, **said):
    return {
        "player_lookup": player,
        "game_id": GAME,
        "team": "BOS",
        "opponent": "TOR",
        "predicted": 20.0,
        "actual": 24,
        "line": 18.5,
        "recommendation": "OVER",
        "prediction_correct": True,
        "is_voided": False,
        "error": 4.0,
        "bias": -4.0,
        "confidence": 0.72,
        "minutes": 30.0,
        "is_home": True,
        "points_avg_season": 16.0,
        "days_rest": 2,
        "is_back_to_back": False,
    } | said


def results_of(*rows):
    return made(results, Results, rows)


def test_a_perfect_prediction_is_zero_and_not_unknown():
    """Defect 1: an error of 0, a bias of 0 and 0 minutes are figures."""
    found = results_of(
        grade("perfect", actual=20, error=0.0, bias=0.0, minutes=0.0), grade("other")
    )
    [other, perfect] = found["results"]
    assert (perfect["error"], perfect["bias"], perfect["minutes"]) == (0.0, 0.0, 0.0)
    assert found["summary"]["avg_mae"] == 2.0
    assert found["summary"]["within_3_points"] == 1
    assert found["breakdowns"]["by_recommendation"]["over"]["avg_error"] == 2.0
    assert found["highlights"]["best_prediction"]["player"] == "perfect"
    assert found["highlights"]["worst_prediction"]["player"] == other["player_lookup"]


def test_pushes_are_no_losses_and_missing_lines_no_pushes():
    """Defect 2."""
    found = results_of(
        grade("won"),
        grade("lost", prediction_correct=False),
        grade("pushed", prediction_correct=None, actual=18, line=18.0),
        grade("passed", recommendation="PASS", prediction_correct=None),
        grade("lineless", recommendation="NO_LINE", prediction_correct=None, line=None),
        grade(
            "absent", is_voided=True, prediction_correct=None, actual=None, error=None, bias=None
        ),
    )
    assert {r["player_lookup"]: r["result"] for r in found["results"]} == {
        "won": "WIN",
        "lost": "LOSS",
        "pushed": "PUSH",
        "passed": "PASS",
        "lineless": "NO_LINE",
        "absent": "VOID",
    }
    summary = found["summary"]
    assert summary["win_rate"] == 0.5
    assert (summary["correct"], summary["incorrect"], summary["push_count"]) == (1, 1, 1)
    assert (summary["total_predictions"], summary["recommendations"]) == (6, 3)
    assert summary["within_5_pct"] == 1.0, "of the five that are not void"
    over = found["breakdowns"]["by_recommendation"]["over"]
    assert over == {
        "total": 3,
        "wins": 1,
        "losses": 1,
        "pushes": 1,
        "win_rate": 0.5,
        "avg_error": 4.0,
    }


def test_tiers_and_contexts_have_the_bounds_of_the_contract():
    found = results_of(
        grade("a", points_avg_season=25.0, confidence=0.70, is_home=True, days_rest=1),
        grade("b", points_avg_season=15.0, confidence=0.55, is_home=False, is_back_to_back=True),
        grade("c", points_avg_season=14.9, confidence=0.549, is_home=False, days_rest=None),
        grade("d", points_avg_season=None, confidence=0.1, days_rest=2),
    )
    tiers = [(r["player_tier"], r["confidence_tier"]) for r in found["results"]]
    assert tiers == [
        ("elite", "high"),
        ("starter", "medium"),
        ("role_player", "low"),
        ("role_player", "low"),
    ]
    context = {k: v["total"] for k, v in found["breakdowns"]["by_context"].items()}
    assert context == {"home": 2, "away": 2, "back_to_back": 1, "rested": 2}


def test_a_date_without_predictions_has_the_whole_empty_document():
    found = results_of()
    assert found["results"] == []
    assert found["highlights"] == {}
    assert set(found["summary"].values()) == {0}
    assert found["breakdowns"]["by_context"]["home"]["total"] == 0
    assert made(best_bets, BestBets, [])["tier_summary"] == dict.fromkeys([*CAPS, "standard"], 0)
    assert made(predictions, Predictions, [])["games"] == []
    assert made(system_performance, SystemPerformance, [])["comparison"] == {}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d["summary"].update(incorrect=3), "outcomes do not add up"),
        (lambda d: d["results"].pop(), "total says 2"),
        (lambda d: d["results"][0].update(error=math.nan), "finite number"),
        (lambda d: d["results"][0].update(error=math.inf), "finite number"),
        (lambda d: d["results"][0].update(actual="24"), "valid integer"),
        (lambda d: d["results"][0].update(is_home=1), "valid boolean"),
        (lambda d: d["results"][0].pop("minutes"), "Field required"),
        (lambda d: d["results"][0].update(result="MAYBE"), "Input should be"),
        (lambda d: d.update(extra=1), "Extra inputs"),
    ],
)
def test_results_that_break_their_contract_are_refused(spoil, said):
    """P6-1 and P6-2."""
    [document] = results.shape(DAY, frame([grade("a"), grade("b")])).values()
    spoil(document)
    with pytest.raises(ValidationError, match=said):
        Results.model_validate(document)


def candidate(player, edge=4.0, **said):
    return {
        "player_lookup": player,
        "game_id": GAME,
        "player_name": player.title(),
        "team": "BOS",
        "opponent": "TOR",
        "recommendation": "UNDER",
        "predicted": 20.0 - edge,
        "line": 20.0,
        "edge": edge,
        "confidence": 0.80,
        "earlier_right": 0,
        "earlier_decided": 0,
        "fatigue_score": 80,
        "prediction_correct": None,
        "is_voided": None,
        "actual": None,
        "error": None,
        "line_rows": None,
        "mae_on_line_rows": None,
        "picks": None,
        "hit_rate": None,
    } | said


def bets_of(*rows):
    return made(best_bets, BestBets, rows)


def test_picks_are_there_before_the_games():
    """Defect 3: what is graded is joined to the predictions, not the other way round."""
    found = bets_of(
        candidate("pending"),
        candidate("pushed", is_voided=False, actual=20, error=4.0),
        candidate("won", is_voided=False, actual=10, error=6.0, prediction_correct=True),
        candidate("lost", is_voided=False, actual=30, error=14.0, prediction_correct=False),
        candidate("absent", is_voided=True),
    )
    assert {p["player_lookup"]: p["result"] for p in found["picks"]} == {
        "pending": "PENDING",
        "pushed": "PUSH",
        "won": "WIN",
        "lost": "LOSS",
        "absent": "VOID",
    }


def test_texts_state_the_filter_and_promise_nothing():
    """Defect 4: the method names both sides, and no text tells a rate of success."""
    assert "OVER and UNDER" in METHODOLOGY
    for text in (METHODOLOGY, *best_bets.rationale(candidate("a", edge=6.0, confidence=0.95))):
        assert "%" not in text
        assert "hit rate" not in text.lower()
    [generic] = [
        [*best_bets.rationale(candidate("a", edge=1.0, predicted=19.0, confidence=0.7))][1:]
    ]
    assert generic == ["No figure beyond the edge stands out"]


def test_tiers_have_their_bounds_and_caps_and_ranks_follow_the_composite_score():
    rows = [candidate(f"premium{n}", edge=5.0 + n) for n in range(7)]
    rows += [candidate(f"strong{n}", edge=3.0) for n in range(11)]
    rows += [candidate(f"value{n}", edge=2.9) for n in range(11)]
    found = bets_of(*rows)
    assert found["tier_summary"] == {"premium": 5, "strong": 10, "value": 10, "standard": 0}
    assert found["total_picks"] == 25
    premium = [p["player_lookup"] for p in found["picks"][:5]]
    # From an edge of 5 on more edge adds nothing: then the name decides.
    assert premium == ["premium0", "premium1", "premium2", "premium3", "premium4"]
    assert [p["rank"] for p in found["picks"]] == list(range(1, 26))


def test_the_composite_score_is_confidence_edge_and_the_players_record_on_that_side():
    [known, unknown] = bets_of(
        candidate("known", earlier_right=4, earlier_decided=5),
        candidate("unknown", earlier_right=4, earlier_decided=4, confidence=0.70),
    )["picks"]
    assert known["composite_score"] == round(0.80 * 1.4 * 0.8, 3)
    assert (known["player_historical_accuracy"], known["player_sample_size"]) == (0.8, 5)
    assert unknown["composite_score"] == round(0.70 * 1.4 * 0.85, 3)
    assert "Strong record: 4 of 5 earlier UNDER picks on him" in known["rationale"]


def _ranked_anew(document):
    for rank, pick in enumerate(document["picks"], start=1):
        pick["rank"] = rank


def _many(document):
    first = document["picks"][0]
    document["picks"] = [first | {"player_lookup": f"a{n}"} for n in range(6)]
    document["total_picks"] = 6
    document["tier_summary"].update(premium=6, strong=0)
    _ranked_anew(document)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d["picks"][0].update(tier="value"), "edge 6.0 is not value"),
        (lambda d: d["picks"][0].update(edge=5.5), "is not that of its figures"),
        (lambda d: d["picks"][0].update(predicted=26.0, line=20.0), "26.0 predicted points"),
        (lambda d: d["picks"][1].update(rank=1), "ranks of 2 picks"),
        (lambda d: d["picks"][1].update(player_lookup="a"), "two picks in one game"),
        (lambda d: d["picks"].reverse() or _ranked_anew(d), "a better tier stands below"),
        (lambda d: d["tier_summary"].update(strong=2), "the tiers count"),
        (_many, "more than 5 premium picks"),
    ],
)
def test_best_bets_that_break_their_contract_are_refused(spoil, said):
    """P6-3."""
    rows = frame([candidate("a", edge=6.0), candidate("b", edge=3.0)])
    [document] = best_bets.shape(DAY, rows).values()
    spoil(document)
    with pytest.raises(ValidationError, match=said):
        BestBets.model_validate(document)


@pytest.mark.parametrize(
    ("figures", "goes_off"),
    [
        ({"line_rows": 2000, "mae_on_line_rows": 4.19}, True),
        ({"line_rows": 1999, "mae_on_line_rows": 4.19}, False),
        ({"line_rows": 2000, "mae_on_line_rows": 4.2}, False),
        ({"picks": 2000, "hit_rate": 0.601}, True),
        ({"picks": 1999, "hit_rate": 0.601}, False),
        ({"picks": 2000, "hit_rate": 0.6}, False),
        ({}, False),
    ],
)
def test_the_leak_alarm_holds_back_best_bets_and_performance(figures, goes_off):
    """P6-9."""
    assert (leak_alarm.alarm(candidate("a", **figures)) is not None) is goes_off
    [bets] = best_bets.shape(DAY, frame([candidate("a", **figures)])).values()
    [figures_of_systems] = system_performance.shape(
        DAY, frame([sums("season", **figures)])
    ).values()
    assert isinstance(bets, Withheld) is goes_off
    assert isinstance(figures_of_systems, Withheld) is goes_off


def forecast(player, **said):
    return {
        "game_id": GAME,
        "player_lookup": player,
        "team": "BOS",
        "is_home": False,
        "points": 20.26,
        "confidence": 0.5,
        "recommendation": "PASS",
        "line": 22.5,
        "pace_adjustment": 0.0,
        "similar_games": 0,
    } | said


def test_predictions_are_grouped_by_game_and_edges_have_a_sign():
    found = made(
        predictions,
        Predictions,
        [
            forecast("low"),
            forecast("high", confidence=0.9, recommendation="NO_LINE", line=None),
            forecast("elsewhere", game_id="20240115_ATL_DEN"),
        ],
    )
    [first, second] = found["games"]
    assert (first["game_id"], second["game_id"]) == ("20240115_ATL_DEN", GAME)
    assert (second["home_team"], second["away_team"]) == ("TOR", "BOS")
    assert second["recommendation_breakdown"] == {"over": 0, "under": 0, "pass": 1, "no_line": 1}
    [high, low] = second["predictions"]
    assert high["prediction"]["edge"] is None
    assert low["prediction"] == {
        "points": 20.26,
        "confidence": 0.5,
        "recommendation": "PASS",
        "line": 22.5,
        "edge": -2.2,
    }
    assert low["context"] == {"pace_adjustment": 0.0, "similar_games": 0}, "zero is a value"


def test_a_player_has_one_prediction_in_a_game():
    """Defect 5, P6-4."""
    [document] = predictions.shape(DAY, frame([forecast("a"), forecast("a")])).values()
    with pytest.raises(ValidationError, match="1 players in 2 predictions"):
        Predictions.model_validate(document)


def test_a_large_day_is_told(demo_warehouse):
    """P6-10."""
    [rule] = [rule for rule in predictions.TABLE.rules if rule.name == "is_small"]
    assert not rule.blocking
    held = demo_warehouse.query(f"SELECT {rule.holds} FROM (SELECT 499999 AS bytes)")
    assert held == [(True,)]
    assert demo_warehouse.query(f"SELECT {rule.holds} FROM (SELECT 500000 AS bytes)") == [(False,)]


def sums(period, system=CHAMPION, **said):
    return {
        "system_id": system,
        "is_primary": system == CHAMPION,
        "period": period,
        "predictions": 100,
        "recommendations": 25,
        "correct": 12,
        "incorrect": 8,
        "within_3": 40,
        "within_5": 60,
        "absolute_errors": 450.0,
        "signed_errors": 0.0,
        "over_decided": 10,
        "over_right": 7,
        "under_decided": 10,
        "under_right": 5,
        "confident_decided": 0,
        "confident_right": 0,
        "line_rows": None,
        "mae_on_line_rows": None,
        "picks": None,
        "hit_rate": None,
    } | said


def test_a_bias_of_zero_is_the_lowest_and_pushes_are_below_no_line():
    """Defect 6."""
    other = "zone_matchup_v1"
    found = made(
        system_performance,
        SystemPerformance,
        [
            sums("season", other, signed_errors=-100.0, absolute_errors=400.0),
            sums("season"),
            sums("all_time", predictions=500, absolute_errors=3000.0),
            sums("season", "challenger", predictions=99, absolute_errors=1.0),
        ],
    )
    assert [s["system_id"] for s in found["systems"]] == [CHAMPION, other, "challenger"]
    champion = found["systems"][0]
    assert champion["is_primary"]
    assert champion["windows"]["season"] == {
        "predictions": 100,
        "recommendations": 25,
        "correct": 12,
        "win_rate": 0.6,
        "mae": 4.5,
        "bias": 0.0,
    }
    assert champion["windows"]["all_time"]["mae"] == 6.0
    assert champion["windows"]["last_7_days"] is None
    assert champion["breakdown"]["high_confidence_win_rate"] is None
    assert found["comparison"] == {
        "best_mae": {"system_id": other, "value": 4.0},
        "best_win_rate": {"system_id": CHAMPION, "value": 0.6},
        "lowest_bias": {"system_id": CHAMPION, "value": 0.0},
    }, "of fewer than 100 predictions nothing is compared"


def test_what_a_select_gathers_becomes_plain_values():
    found = plain(
        pd.DataFrame(
            {
                "whole": pd.array([1, None], dtype="Int64"),
                "number": [0.0, math.nan],
                "day": pd.to_datetime(["2024-01-15", None]),
                "moment": pd.to_datetime(["2024-01-16T00:00:00Z", None]),
            }
        )
    )
    assert found.iloc[0].tolist() == [1, 0.0, DAY, dt.datetime(2024, 1, 16, tzinfo=dt.UTC)]
    assert found.iloc[1].tolist() == [None] * 4


def test_the_champion_is_declared_once():
    sql = results.TABLE.sql
    assert f"SELECT '{CHAMPION}' AS system_id" in sql
    assert sql.count(CHAMPION) == 1
