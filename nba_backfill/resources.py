"""The only reader of the environment, and the resources built from what it says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit
from urllib.request import url2pathname

import dagster as dg
from pydantic import PrivateAttr

from nba_backfill.core.derived import keep_derived_in
from nba_backfill.core.process import bury_dead_runs, tag_run
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw, moved_tables
from nba_backfill.raw.source import OtherRawFolderError, refuse_another, source_of
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.duckdb_reader import DuckDBReader
from nba_backfill.warehouse.files import LocalFiles

WarehouseKind = Literal["duckdb", "bigquery"]
STATE_FOLDER = Path(".nba_backfill")
"""Where everything lives that a newcomer did not place himself; relative to where he stands."""

VARIABLES = {
    "NBA_WAREHOUSE": f"{' or '.join(get_args(WarehouseKind))}; default duckdb",
    "NBA_DUCKDB_PATH": f"DuckDB file; default {STATE_FOLDER / 'warehouse.duckdb'}",
    "NBA_RAW_DIR": "folder of <dataset>/<table>/*.parquet; unset: the demo league",
    "NBA_EXPORT_URL": "folder of the export store, as a path or file:///path; default"
    f" {STATE_FOLDER / 'exports'}",
    "NBA_CACHE_DIR": f"folder that may be thrown away; default {STATE_FOLDER / 'cache'}",
    "NBA_BIGQUERY_PROJECT": "Google Cloud project; needed with NBA_WAREHOUSE=bigquery",
    "NBA_BIGQUERY_LOCATION": "BigQuery location; default US",
    "NBA_AUTOMATION": "on: sensor and schedules keep every table complete; default off",
    "NBA_ALERTS_URLS": "where alerts go besides the log: Apprise URLs, separated by blanks",
}


class ConfigurationError(ValueError):
    """An environment variable has a value we cannot use; the message lists the valid ones."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, validated. ``raw_dir`` None: the demo league."""

    warehouse: WarehouseKind
    duckdb_path: Path
    raw_dir: Path | None
    export_dir: str
    cache_dir: Path
    bigquery_project: str | None
    bigquery_location: str
    automation: bool = False
    alerts_urls: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read and validate every NBA_ variable.

        Raises ConfigurationError for a variable that looks like a misspelt one of ours (it would
        silently mean the default), a value outside its list, or a combination that cannot work.
        """
        misspelt = sorted(
            name
            for name in environment
            if name not in VARIABLES and get_close_matches(name, VARIABLES, cutoff=0.9)
        )
        if misspelt:
            known = "\n".join(f"  {name}: {meaning}" for name, meaning in VARIABLES.items())
            raise ConfigurationError(f"unknown variable {', '.join(misspelt)}. Known are:\n{known}")
        said = {name: environment.get(name, "").strip() for name in VARIABLES}
        warehouse = said["NBA_WAREHOUSE"] or "duckdb"
        if warehouse not in get_args(WarehouseKind):
            valid = ", ".join(get_args(WarehouseKind))
            raise ConfigurationError(f"NBA_WAREHOUSE={warehouse!r}; valid values: {valid}")
        if warehouse == "bigquery" and not said["NBA_BIGQUERY_PROJECT"]:
            raise ConfigurationError(
                "NBA_WAREHOUSE=bigquery needs NBA_BIGQUERY_PROJECT, the Google Cloud project"
            )
        raw_dir = Path(said["NBA_RAW_DIR"]).resolve() if said["NBA_RAW_DIR"] else None
        if raw_dir and not raw_dir.is_dir():
            raise ConfigurationError(
                f"NBA_RAW_DIR={said['NBA_RAW_DIR']!r} is no folder; valid: a folder that holds "
                "<dataset>/<table>/*.parquet, or unset for the demo league"
            )
        if said["NBA_AUTOMATION"] not in ("", "on", "off"):
            raise ConfigurationError(
                f"NBA_AUTOMATION={said['NBA_AUTOMATION']!r}; valid values: on, off"
            )
        duckdb_path = Path(said["NBA_DUCKDB_PATH"] or STATE_FOLDER / "warehouse.duckdb").resolve()
        if duckdb_path.is_dir():
            raise ConfigurationError(
                f"NBA_DUCKDB_PATH={said['NBA_DUCKDB_PATH']!r} is a folder; valid: a file path"
            )
        return cls(
            warehouse=warehouse,
            duckdb_path=duckdb_path,
            raw_dir=raw_dir,
            export_dir=_folder(said["NBA_EXPORT_URL"] or str(STATE_FOLDER / "exports")),
            cache_dir=Path(said["NBA_CACHE_DIR"] or STATE_FOLDER / "cache").resolve(),
            bigquery_project=said["NBA_BIGQUERY_PROJECT"] or None,
            bigquery_location=said["NBA_BIGQUERY_LOCATION"] or "US",
            automation=said["NBA_AUTOMATION"] == "on",
            alerts_urls=tuple(said["NBA_ALERTS_URLS"].split()),
        )


def _folder(url: str) -> str:
    """The folder that a path or a file:// URL means, absolute.

    Raises ConfigurationError for a URL of another scheme or host, and for a file in its place.
    """
    scheme, host, path = "", "", url
    if "://" in url:
        parsed = urlsplit(url)
        scheme, host, path = parsed.scheme, parsed.netloc, url2pathname(parsed.path)
    if scheme not in ("", "file") or host not in ("", "localhost") or not path:
        raise ConfigurationError(
            f"NBA_EXPORT_URL={url!r}: this version writes to folders of this machine only; valid:"
            " a path like exports, or file:///absolute/path"
        )
    folder = Path(path).resolve()
    if folder.is_file():
        raise ConfigurationError(f"NBA_EXPORT_URL={url!r} is a file; valid: a folder")
    return str(folder)


class WarehouseResource(dg.ConfigurableResource):
    """The warehouse of a run, opened once, its raw tables brought up to their files first.

    ``raw_dir`` None: the demo league in ``demo_dir``, written there when it is not yet.
    ``export_dir``: the folder of the export store, where model files go.
    """

    duckdb_path: str
    raw_dir: str | None
    demo_dir: str
    export_dir: str

    _warehouse: DuckDBWarehouse = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the warehouse for a run, whichever door it came through.

        The run says first who works on it, so that it can be told dead wherever it is killed, and
        ends in Dagster what was killed before it.
        """
        say = context.log.info if context.log else lambda _: None
        if context.instance and context.run:
            tag_run(context.instance, context.run)
            bury_dead_runs(context.instance, say)
        self.open(say)

    def open(self, say: Callable[[str], None]) -> DuckDBWarehouse:
        """Open the file and load what changed in the raw folder, saying so."""
        self._warehouse = DuckDBWarehouse(
            Path(self.duckdb_path), files=LocalFiles(Path(self.export_dir))
        )
        try:
            refuse_another(self._warehouse, self.raw_folder, is_demo=self.raw_dir is None)
            if self.raw_dir is None and not self.raw_folder.is_dir():
                say(f"NBA_RAW_DIR is not set: writing the demo league to {self.raw_folder}")
                write_demo_league(self.raw_folder, DEMO_SEASONS[-1:], progress=say)
            self._load(self._warehouse, say)
        except BaseException:
            self._warehouse.close()
            raise
        return self._warehouse

    def read(
        self, say: Callable[[str], None], *, bring_up: bool = False, elsewhere: bool = False
    ) -> DuckDBReader:
        """Open what was committed last, changing nothing; see :class:`DuckDBReader`.

        ``bring_up``: with the raw files as they are now, loaded in memory. Raises
        OtherRawFolderError then if a run would refuse them, unless ``elsewhere``: the raw tables
        are then shown as they were loaded, and a line says so. RawContractError if there are none.
        """
        reader = DuckDBReader(
            Path(self.duckdb_path), files=LocalFiles(Path(self.export_dir)), say=say
        )
        try:
            if bring_up:
                self._bring_up(reader, say, elsewhere=elsewhere)
            elif source_of(reader) == self.raw_folder.resolve() and self.raw_folder.is_dir():
                moved = [table.name for table in moved_tables(reader, self.raw_folder, RAW_TABLES)]
                if moved:
                    say(
                        f"raw files have changed since they were loaded: {', '.join(moved)}; the"
                        " next run loads them"
                    )
        except BaseException:
            reader.close()
            raise
        return reader

    def _bring_up(
        self, reader: DuckDBReader, say: Callable[[str], None], *, elsewhere: bool
    ) -> None:
        try:
            refuse_another(reader, self.raw_folder, is_demo=self.raw_dir is None)
        except OtherRawFolderError as other:
            if not elsewhere:
                raise
            say(f"shown with the raw tables as they were loaded, for {other}")
        else:
            self._load(reader, lambda line: say(f"{line} (in memory, for this command)"))

    @contextmanager
    def unloaded(self) -> Iterator[DuckDBWarehouse]:
        """The warehouse to be changed, its raw tables as they were loaded last."""
        warehouse = DuckDBWarehouse(Path(self.duckdb_path), files=LocalFiles(Path(self.export_dir)))
        try:
            yield warehouse
        finally:
            warehouse.close()

    def _load(self, warehouse: DuckDBWarehouse, say: Callable[[str], None]) -> None:
        for loaded in load_raw(warehouse, self.raw_folder, RAW_TABLES):
            unreadable = f", {loaded.unreadable_values} unreadable values"
            said = unreadable * bool(loaded.unreadable_values)
            say(f"loaded {loaded.relation}: {loaded.rows:,} rows{said}")
            for record in loaded.held_back:
                say(f"HELD BACK {loaded.relation} {record.day}: {record.first_cause.what}")

    @property
    def raw_folder(self) -> Path:
        """The folder raw tables are read from; of the demo league it may not be there yet."""
        return Path(self.raw_dir or self.demo_dir)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Release the file, so that the next run can open it."""
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._warehouse.close()

    @property
    def warehouse(self) -> DuckDBWarehouse:
        """The open warehouse."""
        return self._warehouse


def build_resources(settings: Settings) -> dict[str, dg.ConfigurableResource]:
    """The resources of the definitions; from now on SQL is translated once and kept.

    Raises ConfigurationError for a warehouse this version cannot drive yet.
    """
    if settings.warehouse == "bigquery":
        raise ConfigurationError(
            "NBA_WAREHOUSE=bigquery: this version drives the embedded warehouse only; "
            "the SQL is GoogleSQL already, the BigQuery client is still to come. Use duckdb."
        )
    keep_derived_in(settings.cache_dir)
    return {
        "warehouse": WarehouseResource(
            duckdb_path=str(settings.duckdb_path),
            raw_dir=str(settings.raw_dir) if settings.raw_dir else None,
            demo_dir=str((STATE_FOLDER / "demo_league").resolve()),
            export_dir=settings.export_dir,
        )
    }
