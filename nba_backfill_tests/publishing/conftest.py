"""The toy site, published into each home of an export store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from nba_backfill.core.table import Table
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.step import Step
from nba_backfill.publishing.site import LIST_NAME
from nba_backfill.warehouse.files import FileStore, LocalFiles
from nba_backfill.warehouse.stores import file_store
from nba_backfill_tests.core.toy_league import ToyLeague, day
from nba_backfill_tests.gcs_double import GCSDouble
from nba_backfill_tests.publishing.toy_site import EXPORTERS, SITE

BUCKET = "site"


class Site:
    """The toy league and what is published of it."""

    def __init__(self, league: ToyLeague, files: FileStore) -> None:
        self.league = league
        self.files = league.warehouse.files = files

    def run(self, *days: int, tables: Sequence[Table] = tuple(SITE)) -> None:
        """Compute and publish some days, table by table."""
        for table in tables:
            Step(table, SITE, self.league.warehouse).run([day(n) for n in days])

    def publish(self, table: Table, *days: int) -> None:
        """Compute what the exporters read for all days, then one exporter for some."""
        self.run(*range(6), tables=[t for t in SITE if t not in EXPORTERS])
        self.run(*days, tables=[table])

    def names(self, prefix: str = "v1/") -> list[str]:
        """Names of documents, schemas and the list of documents aside."""
        names = self.files.names(prefix)
        return [n for n in names if not n.startswith("v1/schemas/") and n != LIST_NAME]

    def document(self, path: str) -> dict:
        """A document as its readers see it."""
        return json.loads(self.files.read(f"v1/{path}"))

    def generations(self) -> dict[str, str]:
        """Which content, and of which writing, each object is."""
        return {info.name: info.generation for info in self.files.infos("v1/")}

    def found_by(self, table: Table, check: str) -> list[str]:
        """What a check says."""
        [report] = [r for r in examine(table, SITE, self.league.warehouse) if r.check == check]
        return [f"{f.day}: {f.what}" for f in report.findings]


@pytest.fixture(scope="session")
def double() -> Iterator[GCSDouble]:
    with GCSDouble(BUCKET) as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path, monkeypatch) -> FileStore:
    if request.param == "folder":
        return LocalFiles(tmp_path / "site")
    double = request.getfixturevalue("double")
    double.reset()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", double.url)
    return file_store(f"gs://{BUCKET}/exports")


@pytest.fixture
def site(league, store) -> Site:
    return Site(league, store)


@pytest.fixture
def folder_site(league, tmp_path) -> Site:
    """Published into a folder: what has nothing to do with the home of the store."""
    return Site(league, LocalFiles(tmp_path / "site"))
