"""systems/history.json: every system's days of the season, in order, held back like performance."""

import datetime as dt

import pandas as pd

from nba_backfill.publishing.alarm import IMPOSSIBLE_ERROR, ROWS_NEEDED
from nba_backfill.publishing.exporter import Withheld
from nba_backfill.publishing.snapshots.system_history import PATH, SystemHistory, shape

AS_OF = dt.date(2024, 1, 15)
FIGURES = {
    "predictions": 40,
    "absolute_errors": 190.1,
    "signed_errors": 0.0,
    "correct": 9,
    "incorrect": 8,
}
SOUND = {"line_rows": ROWS_NEEDED, "mae_on_line_rows": 4.9, "picks": 900, "hit_rate": 0.52}


def row(system, day, **changes):
    return {"system_id": system, "game_date": dt.date(2024, 1, day), **FIGURES, **SOUND, **changes}


def shaped(*rows):
    return shape(AS_OF, pd.DataFrame(rows, dtype=object))[PATH]


def test_days_stand_in_order_by_system_whatever_order_they_come_in():
    said = SystemHistory.model_validate(shaped(row("b", 2), row("a", 3), row("a", 1)))
    assert [(c.system_id, [d.game_date.day for d in c.days]) for c in said.systems] == [
        ("a", [1, 3]),
        ("b", [2]),
    ]
    assert said.season == "2023-24"
    assert said.systems[0].days[0].bias == 0.0, "zero is a value"
    assert said.systems[0].days[0].mae == 4.7525, "more digits than a season's mean shows"


def test_a_day_of_voids_only_has_no_error_and_is_kept():
    said = SystemHistory.model_validate(
        shaped(row("a", 1, predictions=0, absolute_errors=None, signed_errors=None))
    )
    assert said.systems[0].days[0].mae is None


def test_before_anything_is_graded_it_has_no_systems():
    nothing = dict.fromkeys(row("a", 1))
    assert SystemHistory.model_validate(shaped(nothing)).systems == []


def test_figures_too_good_to_be_true_hold_it_back():
    said = shaped(row("a", 1, mae_on_line_rows=IMPOSSIBLE_ERROR - 0.01))
    assert isinstance(said, Withheld)
    assert "P6-9" in said.reason
