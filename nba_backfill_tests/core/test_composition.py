"""A table's SQL put together from steps: what the files say, in order, and nothing else."""

from __future__ import annotations

import dataclasses

import duckdb
import pytest

from nba_backfill.core.composition import UnionAll, composed, step_names
from nba_backfill.core.table import DeclarationError
from nba_backfill.warehouse.dialect import to_duckdb
from nba_backfill.warehouse.translation import relations_named
from nba_backfill_tests.core.toy_league import TEAM_POINTS

STEPS = (
    "../shared/scored",
    UnionAll("shown", of=("kinds/twice", "kinds/half"), columns=("a", "b")),
)
FILES = {
    "shared/scored": "-- One row per game.\nSELECT 4 AS points FROM games\n",
    "table/kinds/twice": "-- One row per game.\nSELECT 'twice' AS a, 2 * points AS b FROM scored\n",
    "table/kinds/half": (
        "-- One row per game.\nWITH h AS (SELECT points / 2 AS b FROM scored)\n"
        "SELECT b, 'half' AS a, 'only here' AS c FROM h\n"
    ),
    "table/table": (
        "-- One row per kind.\nWITH large AS (SELECT * FROM shown WHERE b > 1)\n"
        "SELECT a, b FROM large -- the end"
    ),
}


@pytest.fixture
def folder(tmp_path):
    for name, sql in FILES.items():
        path = tmp_path / f"{name}.sql"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(sql)
    return tmp_path / "table"


@pytest.fixture
def table(folder):
    return dataclasses.replace(TEAM_POINTS, source=str(folder / "table.py"), steps=STEPS)


def rows(sql):
    return duckdb.sql(to_duckdb(f"WITH games AS (SELECT 1 AS game)\nSELECT * FROM ({sql})"))


def test_steps_come_before_the_select_and_know_those_before_them(table):
    assert sorted(rows(table.sql).fetchall()) == [("half", 2.0), ("twice", 8.0)]


def test_every_file_stands_in_the_whole_unedited(table):
    assert all(sql.rstrip() in table.sql for sql in FILES.values())


def test_a_table_without_steps_is_its_own_file(folder):
    assert composed(folder, (), "SELECT 1\n") == "SELECT 1\n"


def test_names_of_steps_are_no_inputs(table):
    assert step_names(STEPS) == ["scored", "twice", "half", "shown"]
    assert relations_named(table.sql) == {"games"}


def test_another_text_of_a_step_is_another_version_of_the_code(table, folder):
    before = table.code_version
    (folder / "kinds" / "half.sql").write_text("SELECT 'half' AS a, points / 2.0 AS b FROM scored")
    assert dataclasses.replace(table).code_version != before


def test_a_missing_file_is_refused_by_name(table):
    lost = dataclasses.replace(table, steps=("kinds/thrice",))
    with pytest.raises(DeclarationError, match=r"team_points: there is no .*thrice\.sql"):
        _ = lost.sql


@pytest.mark.parametrize("steps", [("a/x", "b/x"), ("games",), ("x", UnionAll("x", ("y",), ()))])
def test_two_steps_of_one_name_or_that_of_an_input_are_refused(table, steps):
    with pytest.raises(DeclarationError, match="two inputs or steps are called"):
        dataclasses.replace(table, steps=steps)
