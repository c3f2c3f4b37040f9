"""Blocked folds, the length they choose and the interval they calibrate."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest

from nba_backfill.predictions.forecasting.validation import (
    FOLDS,
    GROUPS,
    MINIMUM_GROUP,
    MINIMUM_ROWS,
    PLAYOFFS,
    best_length,
    folds_of,
    groups_of,
    shifts,
    validated_before,
)


def season_of_games(year: int, dates: int = 160, rows: int = 150) -> np.ndarray:
    """``rows`` player-games on each of ``dates`` days from 1 November on."""
    first = np.datetime64(f"{year}-11-01")
    return np.repeat(first + np.arange(dates), rows)


def test_rows_of_one_date_are_in_one_fold():
    dates = season_of_games(2021)
    folds = folds_of(dates)
    assert all(len(set(folds[dates == day])) == 1 for day in np.unique(dates))


def test_every_fold_holds_every_part_of_every_season():
    dates = np.concatenate([season_of_games(year) for year in (2021, 2022, 2023)])
    folds, years = folds_of(dates), dates.astype("datetime64[Y]")
    for fold in range(FOLDS):
        for year in np.unique(years):
            assert (folds[years == year] == fold).any()
    assert np.bincount(folds).min() > 0.8 * np.bincount(folds).max()


def test_a_short_history_has_all_folds_too():
    assert set(folds_of(season_of_games(2021, dates=31))) == set(range(FOLDS))


def test_the_chosen_length_is_the_best_over_all_folds_as_far_as_all_reach():
    early = np.array([9.0, 5.0, 6.0, 8.0])
    late = np.array([9.0, 8.0, 5.0, 4.0, 1.0])
    assert best_length([early, late], [100, 100]) == 3
    assert best_length([early, late], [1000, 10]) == 2


def test_playoffs_are_a_group_of_their_own_whoever_plays():
    average, playoff = np.array([3.0, 8.0, 14.9, 30.0, 30.0]), np.array([0, 0, 0, 0, 1.0])
    assert list(groups_of(average, playoff)) == [0, 1, 1, 3, PLAYOFFS]


def test_the_interval_holds_four_of_five_in_every_group_however_wide_its_errors():
    chance = np.random.default_rng(1)
    groups = np.repeat(np.arange(GROUPS), 4_000)
    spread = 1.0 + groups
    truth = 20 + spread * chance.standard_normal(len(groups))
    guess = np.full(len(groups), 20.0)
    moved = shifts(truth, guess, guess, groups)
    again = 20 + spread * chance.standard_normal(len(groups))
    low, high = guess + np.array(moved["p10"])[groups], guess + np.array(moved["p90"])[groups]
    for group in range(GROUPS):
        of = groups == group
        inside = ((again >= low) & (again <= high))[of].mean()
        assert inside == pytest.approx(0.80, abs=0.03)
        assert (again < low)[of].mean() == pytest.approx(0.10, abs=0.02)


def test_a_group_with_few_errors_takes_the_width_of_all():
    groups = np.array([0] * 1_000 + [PLAYOFFS] * (MINIMUM_GROUP - 1))
    truth = np.linspace(-1, 1, len(groups)) + 50 * (groups == PLAYOFFS)
    nothing = np.zeros(len(groups))
    moved = shifts(truth, nothing, nothing, groups)
    everywhere = shifts(truth, nothing, nothing, np.zeros(len(groups)))
    assert moved["p90"][PLAYOFFS] == everywhere["p90"][0]
    assert moved["p90"][0] < 1


def test_a_season_is_studied_before_its_first_day_once_there_is_an_earlier_one():
    dates = np.concatenate([season_of_games(2021), season_of_games(2022)])
    for cutoff in (dt.date(2022, 11, 1), dt.date(2023, 1, 1)):
        assert validated_before(dates, cutoff) == dt.date(2022, 10, 1)


def test_the_first_season_is_studied_again_whenever_its_history_has_doubled():
    dates = season_of_games(2021)
    studied = [validated_before(dates, dt.date(2022, month, 1)) for month in range(1, 7)]
    assert studied[0] == dt.date(2022, 1, 1)
    counts = [int((dates < np.datetime64(day)).sum()) for day in dict.fromkeys(studied)]
    assert counts[0] >= MINIMUM_ROWS
    assert all(later >= 2 * earlier for earlier, later in itertools.pairwise(counts))
    assert len(set(studied)) > 1


def test_too_little_history_is_not_studied():
    assert validated_before(season_of_games(2021, dates=20), dt.date(2021, 12, 1)) is None


def test_nothing_of_the_month_or_later_decides_what_is_studied():
    known = season_of_games(2021, dates=61)
    later = np.concatenate([known, season_of_games(2022)])
    cutoff = dt.date(2022, 1, 1)
    assert validated_before(known, cutoff) == validated_before(later, cutoff)
