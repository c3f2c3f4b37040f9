"""The accuracy figures on sums made up here, where every figure can be told beforehand."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from nba_backfill.predictions.grading.accuracy import (
    accuracy,
    mean_interval,
    months_with_intervals,
    wilson,
)
from nba_backfill.predictions.grading.accuracy_report import month_tables, picture, tables

DATES = [dt.date(2024, 11, 6) + dt.timedelta(days=n) for n in range(60)]


def sums(system_id: str = "challenger", mae: float = 4.0, season_year: int = 2024) -> pd.DataFrame:
    """Sums of 60 dates of 100 rows, 20 of them with a line."""
    chance = np.random.default_rng(5)
    count = len(DATES)
    misses = 100 * (mae + chance.normal(0, 0.2, count))
    return pd.DataFrame(
        {
            "system_id": system_id,
            "season_year": season_year,
            "game_date": pd.to_datetime(DATES),
            "predictions": 100,
            "fallbacks": 2,
            "absolute_miss": misses,
            "signed_miss": -50.0,
            "squared_miss": 3600.0,
            "with_season": 100,
            "season_absolute_miss": misses + 20,
            "absolute_miss_with_season": misses,
            "with_last_10": 100,
            "last_10_absolute_miss": misses + 30,
            "with_blend": 100,
            "blend_absolute_miss": misses + 10,
            "absolute_miss_with_blend": misses,
            "means": 100,
            "mean_signed_miss": 5.0,
            "lines": 20,
            "line_absolute_miss": 100.0,
            "absolute_miss_on_lines": 104.0,
            "anchored": 20,
            "anchored_absolute_miss": 99.0,
            "line_absolute_miss_on_anchored": 100.0,
            "intervals": 100,
            "inside": 80,
            **{f"picks_{edge}": 12 for edge in (1, 2, 3, 5)},
            **{f"hits_{edge}": 6 for edge in (1, 2, 3, 5)},
        }
    )


@pytest.fixture
def measured():
    [found] = accuracy(sums())
    return found


def test_figures_are_sums_over_counts(measured):
    assert measured.predictions == 6_000
    assert measured.dates == 60
    assert measured.fallbacks == 120
    assert measured.bias == pytest.approx(-0.5)
    assert measured.rmse == pytest.approx(6.0)
    assert measured.mean_bias == pytest.approx(0.05)
    assert measured.line_mae == pytest.approx(5.0)
    assert measured.coverage.value == pytest.approx(0.8)


def test_differences_are_of_the_same_rows_and_tighter_than_levels(measured):
    assert measured.over_season.value == pytest.approx(-0.2)
    assert measured.over_blend.value == pytest.approx(-0.1)
    assert measured.over_line.value == pytest.approx(0.2)
    assert measured.anchored_over_line.value == pytest.approx(-0.05)
    width = measured.mae.high - measured.mae.low
    assert measured.over_season.high - measured.over_season.low < width / 10


def test_an_interval_holds_its_figure_and_narrows_with_dates():
    few, many = sums().iloc[:15], sums()
    narrow = mean_interval(many["absolute_miss"], many["predictions"])
    wide = mean_interval(few["absolute_miss"], few["predictions"])
    assert narrow.low < narrow.value < narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low


def test_measuring_twice_gives_the_same_intervals(measured):
    [again] = accuracy(sums())
    assert again == measured


@pytest.mark.parametrize(
    ("hits", "picks", "low", "high"),
    [(50, 100, 0.404, 0.596), (520, 1000, 0.489, 0.551), (0, 10, 0.0, 0.278)],
)
def test_hit_rates_have_wilsons_interval(hits, picks, low, high):
    """Ends as textbook tables print them."""
    found = wilson(hits, picks)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def test_without_picks_there_is_no_hit_rate():
    assert wilson(0, 0) is None


def test_systems_stand_best_first_within_their_season():
    found = accuracy(pd.concat([sums("b", 4.5), sums("a", 4.6), sums("c", 9.0, 2023)]))
    assert [one.system_id for one in found] == ["c", "b", "a"]


def test_a_season_without_lines_says_nothing_about_lines():
    rows = sums()
    of_lines = [name for name in rows if "line" in name or "anchored" in name]
    rows[[*of_lines, *(f"{what}_{n}" for what in ("picks", "hits") for n in (1, 2, 3, 5))]] = 0
    found = accuracy(rows)
    assert found[0].over_line is None
    assert found[0].hit_rates[0].rate is None
    assert [table.title for table in tables(found)] == ["2024-25: all players with minutes > 0"]
    assert picture(found, rows).startswith(b"\x89PNG")


def test_the_report_names_population_count_and_interval_of_every_figure():
    rows = pd.concat([sums("challenger", 4.4), sums("catboost_v8", 4.5)])
    console = Console(width=250, file=io.StringIO())
    for table in tables(accuracy(rows)):
        console.print(table)
    said = console.file.getvalue()
    for expected in ("all players with minutes > 0", "6,000", "n=720", "50.0 % [46.4, 53.6]"):
        assert expected in said


def test_months_are_of_the_systems_that_give_an_interval():
    silent = sums("zone_matchup_v1").assign(intervals=0, inside=0)
    found = months_with_intervals(pd.concat([sums(), silent], ignore_index=True))
    assert [(one.system_id, str(one.month)) for one in found] == [
        ("challenger", "2024-11-01"),
        ("challenger", "2024-12-01"),
        ("challenger", "2025-01-01"),
    ]
    assert found[0].predictions == 25 * 100
    assert all(one.coverage.value == pytest.approx(0.8) for one in found)
    console = Console(width=200, record=True, file=io.StringIO())
    for table in month_tables(found):
        console.print(table)
    said = console.export_text()
    assert "2024-25: by month" in said
    assert "80.0 % [80.0, 80.0]" in said


def test_the_picture_is_a_png():
    rows = pd.concat([sums("challenger", 4.4), sums("catboost_v8", 4.5)])
    assert picture(accuracy(rows), rows).startswith(b"\x89PNG")
