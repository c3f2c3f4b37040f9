"""Windows: the bounds the SQL sees, and Dagster's mapping as their upper bound."""

from __future__ import annotations

import datetime as dt

import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from nba_backfill.core.partitions import DAYS, is_partition, partitions_between
from nba_backfill.core.season import LONGEST_SEASON_DAYS, Season
from nba_backfill.core.window import Window

MAPPED = [
    Window.same_day(),
    Window.days(7, before=False),
    Window.days(30),
    Window.season_to_date(before=True),
    Window.season_to_date(before=False),
    Window.optional(1096),
    Window.known_history(before=False),
]


@pytest.mark.parametrize("window", MAPPED, ids=str)
def test_dagsters_mapping_holds_every_partition_of_the_window(window):
    """On every tenth day of two seasons, from opening night to the last possible game."""
    now = dt.datetime(2024, 6, 30, tzinfo=dt.UTC)
    days = [
        day
        for opening in (dt.date(2022, 10, 18), dt.date(2023, 10, 24))
        for day in partitions_between(opening, opening + dt.timedelta(days=LONGEST_SEASON_DAYS))
    ][::10]
    with partition_loading_context(effective_dt=now):
        for day in days:
            subset = DAYS.subset_with_partition_keys([day.isoformat()])
            mapped = (
                window.partition_mapping().get_upstream_mapped_partitions_result_for_partitions(
                    subset, DAYS, DAYS
                )
            )
            first, last = window.required_bounds(day)
            # The season's own October days before opening night hold no games.
            wanted = {
                d.isoformat()
                for d in partitions_between(max(first, dt.date(2021, 10, 19)), last)
                if Season.of(day) == Season.of(d) and d >= OPENING[Season.of(d).year]
            }
            assert wanted <= set(mapped.partitions_subset.get_partition_keys())


OPENING = {2021: dt.date(2021, 10, 19), 2022: dt.date(2022, 10, 18), 2023: dt.date(2023, 10, 24)}


@pytest.mark.parametrize("window", [w for w in MAPPED if w.before], ids=str)
def test_a_window_before_the_day_never_holds_the_day(window):
    for day in (dt.date(2023, 10, 24), dt.date(2024, 2, 29), dt.date(2024, 6, 17)):
        assert window.bounds(day)[1] < day


def test_a_season_window_never_reaches_into_the_season_before():
    first, _ = Window.season_to_date(before=True).bounds(dt.date(2023, 10, 24))
    assert first == dt.date(2023, 10, 1)


def test_the_span_of_a_range_is_the_union_of_its_days_windows():
    window = Window.days(3)
    assert window.span(dt.date(2024, 1, 5), dt.date(2024, 1, 9)) == (
        dt.date(2024, 1, 2),
        dt.date(2024, 1, 8),
    )


def test_windows_of_undated_tables_have_no_partition_mapping():
    with pytest.raises(ValueError, match="no daily partition mapping"):
        Window.everything().partition_mapping()


def test_the_off_season_has_no_partitions_and_dagster_agrees():
    keys = set(DAYS.get_partition_keys(dt.datetime(2023, 1, 1, tzinfo=dt.UTC)))
    for day in partitions_between(dt.date(2021, 10, 19), dt.date(2022, 12, 31)):
        assert (day.isoformat() in keys) == is_partition(day)
    assert not any(k[5:7] in ("07", "08", "09") for k in keys)


def test_seasons_are_read_as_the_league_writes_them():
    assert Season.parse("2023-24") == Season(2023)
    assert str(Season(1999)) == "1999-00"
    for text in ("2023", "2023-25", "23-24", "newest"):
        with pytest.raises(ValueError, match="write it like 2023-24"):
            Season.parse(text)
