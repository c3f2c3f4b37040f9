"""Games by layer: what counts as a gap, and what a season's first days do not owe."""

from __future__ import annotations

import datetime as dt

from nba_backfill.backfill.alerts import layer_alerts
from nba_backfill.backfill.layers import (
    L1,
    L3,
    L4,
    L5,
    L6,
    LAYER_TABLES,
    SCHEDULE,
    LayerGames,
    layers_by_season,
    thin_weeks,
)
from nba_backfill.core.publication import Kind
from nba_backfill.definitions import CATALOGUE

OPENING = dt.date(2023, 10, 24)


def played(n, l1=10, l3=10, l4=10, l5=10, bootstrap=False, l6=10):
    day = OPENING + dt.timedelta(days=n)
    return LayerGames(day, {L1: l1, L3: l3, L4: l4, L5: l5, L6: l6, SCHEDULE: 10}, bootstrap)


def test_bootstrap_days_owe_nothing_above_phase_3():
    [season] = layers_by_season([played(0, l4=0, l5=0, bootstrap=True), played(20)])
    assert season.gaps == ()
    assert (season.games[L3], season.owed[L3]) == (20, 20)
    assert season.share(L4) == 1.0
    assert season.owed[L4] == 10


def test_documents_are_owed_on_every_game_date_bootstrap_days_among_them():
    [season] = layers_by_season([played(0, l4=0, l5=0, l6=0, bootstrap=True), played(20)])
    [gap] = season.gaps
    assert (gap.layer, gap.below, gap.days) == (L6, SCHEDULE, (OPENING,))
    assert (season.owed[L6], season.share(L6)) == (20, 0.5)
    [alert] = layer_alerts([played(0, l6=0), played(20)])
    assert "nba-backfill status results best_bets predictions" in alert.command


def test_the_documents_of_the_layer_table_are_all_dated_exporters():
    dated = {t.name for t in CATALOGUE if t.publication and t.publication.kind is Kind.DATED}
    assert dated == set(LAYER_TABLES[L6])


def test_a_share_below_the_limit_of_its_layers_is_a_gap_and_one_at_the_limit_is_none():
    [season] = layers_by_season([played(20, l3=9, l4=9, l5=9), played(21, l3=8, l4=8, l5=8)])
    [gap] = season.gaps
    assert (gap.layer, gap.below, len(gap.days)) == (L3, L1, 1)


def test_every_seven_game_dates_are_looked_at_not_only_the_newest():
    days = [played(20 + n, l4=3 if 10 <= n < 17 else 10) for n in range(60)]
    [(first, last)] = thin_weeks(days)
    assert first <= days[10].day
    assert days[16].day <= last < days[25].day


def test_one_thin_day_is_no_thin_week_and_a_season_owes_its_own():
    assert thin_weeks([played(20 + n, l4=0 if n == 3 else 10) for n in range(20)]) == []
    # One bad day at a season's end and one at the next one's start are not one bad week.
    late = dt.date(2025, 4, 13) - OPENING
    days = [played(late.days, l4=9), played(late.days + 200, l4=9)]
    assert thin_weeks(days) == []
