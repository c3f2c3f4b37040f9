"""The two engines that the warehouse tests compare, started once per worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.warehouse.googlesql import GoogleSQL
from nba_backfill_tests.warehouse.small_league import SmallLeague, build_small_league


@pytest.fixture(scope="session")
def google(request) -> GoogleSQL:
    """GoogleSQL's reference implementation; its compiled code is kept in pytest's cache."""
    return GoogleSQL(request.config.cache.mkdir("googlesql"))


@pytest.fixture(scope="session")
def small_league(tmp_path_factory) -> Iterator[SmallLeague]:
    """The small league, computed by DuckDB."""
    built = build_small_league(tmp_path_factory.mktemp("small_league"), CATALOGUE)
    yield built
    built.warehouse.close()
