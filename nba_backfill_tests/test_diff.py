"""What changed code would change is told row by row before it is rolled out."""

import numpy as np
import pandas as pd
import pytest

from nba_backfill.backfill.difference import compare
from nba_backfill.cli.exits import COMPLETE, GAPS
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.conftest import spoil

DAY = "2024-11-12"
BOXES = CATALOGUE.table("team_boxes")
BY_OTHER_CODE = (
    "UPDATE nba_orchestration.partition_ledger SET code_version = 'older'"
    f" WHERE table_name = 'nba_staging.team_boxes' AND day = DATE '{DAY}'"
)


def test_where_all_is_by_the_code_as_it_is_nothing_would_change(user):
    done = user("diff", "team_boxes", "--dates", DAY)
    assert (done.exit_code, "Nothing would change" in done.output) == (COMPLETE, True)


def test_code_that_computes_the_same_changes_no_row(user, tmp_path):
    spoil(tmp_path / "copy.duckdb", BY_OTHER_CODE)
    done = user("diff", "team_boxes", "--dates", DAY)
    assert done.exit_code == COMPLETE, done.output
    assert "1 code_changed" in done.output
    assert "Every row would stay as it is" in done.output


def test_what_other_code_computed_is_compared_and_nothing_is_written(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        f"UPDATE nba_staging.team_boxes SET assists = assists + 2 WHERE game_date = '{DAY}';"
        "DELETE FROM nba_staging.team_boxes WHERE (game_id, team_abbr) = (SELECT (game_id,"
        f" team_abbr) FROM nba_staging.team_boxes WHERE game_date = '{DAY}' ORDER BY 1 LIMIT 1);"
        + BY_OTHER_CODE,
    )
    before = (tmp_path / "copy.duckdb").read_bytes()
    done = user("diff", "team_boxes", "--dates", DAY)
    assert done.exit_code == GAPS, done.output
    said = " ".join(done.output.split())
    assert "team_boxes.assists" in said
    assert "by 2 on average and 2 at most" in said
    assert "nba-backfill run --code-changed" in said
    assert (tmp_path / "copy.duckdb").read_bytes() == before
    rolled_out = user("run", "team_boxes", "--dates", DAY, "--code-changed")
    assert rolled_out.exit_code == COMPLETE, rolled_out.output
    assert "Nothing would change" in user("diff", "team_boxes", "--dates", DAY).output


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ({"a": 1.0, "b": None}, {"a": 1.0, "b": None}, (0, 0, 0)),
        ({"a": 1.0}, {"a": None}, (0, 0, 1)),
        ({"a": None}, {"a": 0.0}, (0, 0, 1)),
        ({"a": 1.0, "b": 2.0}, {"b": 2.0, "c": 3.0}, (1, 1, 0)),
        ({}, {"a": 1.0}, (1, 0, 0)),
        ({"a": np.array([1, 2])}, {"a": np.array([1, 2])}, (0, 0, 0)),
        ({"a": np.array([1, 2])}, {"a": np.array([1, 3])}, (0, 0, 1)),
    ],
)
def test_rows_are_told_apart_by_their_grain_and_values(old, new, counts):
    def frame(values):
        made = pd.DataFrame({"key": list(values), "value": list(values.values())}, dtype=object)
        return made.set_index("key").sort_index()

    found = compare(BOXES, [DAY], frame(old), frame(new))
    assert (found.added, found.removed, found.changed) == counts
