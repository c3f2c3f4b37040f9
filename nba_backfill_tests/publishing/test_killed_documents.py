"""Exports killed at random moments: no half document, and no pointer ahead of its document."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from nba_backfill.core.derived import keep_derived_in
from nba_backfill.publishing.site import LIST_NAME, SiteIndex
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill.warehouse.stores import file_store
from nba_backfill_tests.core.toy_league import SCORES as RAW_SCORES
from nba_backfill_tests.core.toy_league import ToyLeague, day
from nba_backfill_tests.killing import SERVER, run
from nba_backfill_tests.publishing.conftest import BUCKET, Site
from nba_backfill_tests.publishing.toy_site import (
    CLUBS,
    LEADERS,
    NEWEST,
    SCORES,
    SITE,
    Club,
    Leaders,
    Scores,
)

KILLS = [15, pytest.param(55, marks=pytest.mark.longest)]
DAYS = [day(n) for n in range(6)]
MODELS = {"scores": Scores, "leaders": Leaders, "clubs": Club, "index": SiteIndex}
SERVER.set_forkserver_preload(
    ["nba_backfill_tests.test_killed", "nba_backfill_tests.publishing.test_killed_documents"]
)


def opened(path: Path, home: str) -> DuckDBWarehouse:
    """The toy league with its site in a folder or, by URL, in a bucket."""
    files = file_store(home) if home.startswith("gs://") else LocalFiles(Path(home))
    return DuckDBWarehouse(path, files=files)


def export(path: Path, home: str, url: str, cache: str, version: int) -> None:
    """The child: every score is another one, so every document is written anew."""
    os.environ["STORAGE_EMULATOR_HOST"] = url
    keep_derived_in(Path(cache))
    warehouse = opened(path, home)
    league = ToyLeague.of(warehouse)
    league.raw(f"UPDATE {RAW_SCORES.relation} SET points = 60 + (points + {2 * version}) % 100")
    run(warehouse, SITE, DAYS)
    warehouse.close()


def seen_by_readers(warehouse: DuckDBWarehouse) -> dict[str, dict]:
    """Every document of the store, each of which must be whole and what its model says."""
    found = {}
    for name in warehouse.files.names("v1/"):
        if name.startswith("v1/schemas/"):
            continue
        found[name] = json.loads(warehouse.files.read(name))
        said = {key: value for key, value in found[name].items() if key != "generated_at"}
        MODELS[name.split("/")[1].removesuffix(".json")].model_validate_json(json.dumps(said))
    return found


def listed(found: dict[str, dict]) -> set[str]:
    """The documents that the list of the store names."""
    index = found.get(LIST_NAME)
    if index is None:
        return set()
    dated = {f"v1/{kind}/{date}.json" for kind, dates in index["dated"].items() for date in dates}
    return dated | {f"v1/{path}" for path in index["documents"]}


@pytest.mark.slow
@pytest.mark.parametrize("most", KILLS)
@pytest.mark.parametrize("home", ["folder", "bucket"])
def test_a_killed_export_leaves_whole_documents_and_the_next_one_ends_it(
    home, most, tmp_path, double, monkeypatch
):
    double.reset()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", double.url)
    path = tmp_path / "toy.duckdb"
    url = f"gs://{BUCKET}/exports" if home == "bucket" else str(tmp_path / "site")
    ToyLeague(path).warehouse.close()
    chance, kills, ahead, version = random.Random(11), 0, [], 1
    _timed(path, url, double.url, 0)
    undisturbed = _timed(path, url, double.url, version)
    while kills < most:
        version += 1
        child = _start(path, url, double.url, version)
        child.join(chance.uniform(0.0, undisturbed))
        if child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
            kills += 1
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL)
        warehouse = opened(path, url)
        found = seen_by_readers(warehouse)
        latest = found.get("v1/scores/latest.json")
        if latest and f"v1/scores/{latest['game_date']}.json" not in found:
            ahead.append(version)
        if not listed(found) <= found.keys():
            ahead.append(version)
        warehouse.close()
    assert ahead == []
    warehouse = opened(path, url)
    site = Site(ToyLeague.of(warehouse), warehouse.files)
    run(warehouse, SITE, DAYS)
    found = seen_by_readers(warehouse)
    assert len(found) == 5 + 1 + 4 + 1 + 1
    assert listed(found) == found.keys() - {LIST_NAME}
    before = site.generations()
    site.run(*range(6))
    assert site.generations() == before, "what is equal is not written again"
    for table in (SCORES, LEADERS, CLUBS, NEWEST):
        for check in table.publication.checks:
            if check != "is_fresh":
                assert not site.found_by(table, check)
    warehouse.close()


def _start(path, home, url, version):
    cache = os.environ["NBA_CACHE_DIR"]
    child = SERVER.Process(target=export, args=(path, home, url, cache, version))
    child.start()
    return child


def _timed(path, home, url, version) -> float:
    started = time.monotonic()
    child = _start(path, home, url, version)
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - started
