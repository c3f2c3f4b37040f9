import pytest

from nba_backfill_tests.core.toy_league import ToyLeague


@pytest.fixture
def league(tmp_path):
    toy = ToyLeague(tmp_path / "toy.duckdb")
    yield toy
    toy.warehouse.close()
