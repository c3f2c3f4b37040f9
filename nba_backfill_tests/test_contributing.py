"""The worked example of CONTRIBUTING.md is a table like any other."""

import importlib.util
import re

import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.conftest import PROJECT, copied


@pytest.fixture
def table(tmp_path):
    """The example's two blocks as two adjacent files, and the table they declare."""
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    for kind, suffix in (("python", ".py"), ("sql", ".sql")):
        [block] = re.findall(rf"```{kind}\n(.*?)```", text, re.S)
        (tmp_path / f"narrow_games{suffix}").write_text(block)
    spec = importlib.util.spec_from_file_location("narrow_games", tmp_path / "narrow_games.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TABLE


def test_the_example_is_computed_checked_and_right(table, demo_warehouse, tmp_path):
    catalogue = Catalogue([*CATALOGUE.by_name.values(), table])
    warehouse = copied(demo_warehouse, tmp_path / "copy.duckdb")
    records = Step(table, catalogue, warehouse).run(demo_warehouse.days)
    assert {r.status for r in records} <= {Status.COMPLETE, Status.NO_GAMES}
    assert all(report.passed for report in examine(table, catalogue, warehouse))
    rows, narrow, wrong = warehouse.connection.execute(
        "SELECT count(*), count(*) FILTER (is_narrow),"
        " count(*) FILTER (margin != abs(home_score - away_score) OR is_narrow != (margin <= 5))"
        " FROM nba_analytics.narrow_games JOIN nba_staging.games USING (game_date, game_id)"
    ).fetchone()
    warehouse.close()
    assert rows > narrow > wrong == 0
