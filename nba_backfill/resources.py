"""The only reader of the environment, and the resources built from what it says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, get_args

import dagster as dg
from pydantic import PrivateAttr

from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles

WarehouseKind = Literal["duckdb", "bigquery"]
STATE_FOLDER = Path(".nba_backfill")
"""Where everything lives that a newcomer did not place himself; relative to where he stands."""

VARIABLES = {
    "NBA_WAREHOUSE": f"{' or '.join(get_args(WarehouseKind))}; default duckdb",
    "NBA_DUCKDB_PATH": f"DuckDB file; default {STATE_FOLDER / 'warehouse.duckdb'}",
    "NBA_RAW_DIR": "folder of <dataset>/<table>/*.parquet; unset: the demo league",
    "NBA_EXPORT_URL": f"folder of the export store; default {STATE_FOLDER / 'exports'}",
    "NBA_BIGQUERY_PROJECT": "Google Cloud project; needed with NBA_WAREHOUSE=bigquery",
    "NBA_BIGQUERY_LOCATION": "BigQuery location; default US",
}


class ConfigurationError(ValueError):
    """An environment variable has a value we cannot use; the message lists the valid ones."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, validated. ``raw_dir`` None: the demo league."""

    warehouse: WarehouseKind
    duckdb_path: Path
    raw_dir: Path | None
    export_url: str
    bigquery_project: str | None
    bigquery_location: str

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
        duckdb_path = Path(said["NBA_DUCKDB_PATH"] or STATE_FOLDER / "warehouse.duckdb").resolve()
        if duckdb_path.is_dir():
            raise ConfigurationError(
                f"NBA_DUCKDB_PATH={said['NBA_DUCKDB_PATH']!r} is a folder; valid: a file path"
            )
        return cls(
            warehouse=warehouse,
            duckdb_path=duckdb_path,
            raw_dir=raw_dir,
            export_url=_location(said["NBA_EXPORT_URL"] or str(STATE_FOLDER / "exports")),
            bigquery_project=said["NBA_BIGQUERY_PROJECT"] or None,
            bigquery_location=said["NBA_BIGQUERY_LOCATION"] or "US",
        )


def _location(url: str) -> str:
    """A folder as an absolute path, another kind of place as it was written."""
    return url if "://" in url else str(Path(url).resolve())


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
        """Open the warehouse for a run."""
        self.open(context.log.info if context.log else lambda _: None)

    def open(self, say: Callable[[str], None]) -> DuckDBWarehouse:
        """Open the file and load what changed in the raw folder, saying so."""
        self._warehouse = DuckDBWarehouse(
            Path(self.duckdb_path), files=LocalFiles(Path(self.export_dir))
        )
        try:
            for loaded in load_raw(self._warehouse, self.raw_folder(say), RAW_TABLES):
                unreadable = f", {loaded.unreadable_values} unreadable values" * bool(
                    loaded.unreadable_values
                )
                say(f"loaded {loaded.relation}: {loaded.rows:,} rows{unreadable}")
                for record in loaded.held_back:
                    say(f"HELD BACK {loaded.relation} {record.day}: {record.first_cause.what}")
        except BaseException:
            self._warehouse.close()
            raise
        return self._warehouse

    def raw_folder(self, say: Callable[[str], None]) -> Path:
        """The folder raw tables are read from; writes the demo league if it is wanted."""
        if self.raw_dir is not None:
            return Path(self.raw_dir)
        demo = Path(self.demo_dir)
        if not demo.is_dir():
            say(f"NBA_RAW_DIR is not set: writing the demo league to {demo}")
            write_demo_league(demo, DEMO_SEASONS[-1:], progress=say)
        return demo

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
    """The resources of the definitions.

    Raises ConfigurationError for a warehouse this version cannot drive yet.
    """
    if settings.warehouse == "bigquery":
        raise ConfigurationError(
            "NBA_WAREHOUSE=bigquery: this version drives the embedded warehouse only; "
            "the SQL is GoogleSQL already, the BigQuery client is still to come. Use duckdb."
        )
    if "://" in settings.export_url:
        raise ConfigurationError(
            f"NBA_EXPORT_URL={settings.export_url!r}: this version writes to folders only; name"
            " one, or leave the variable unset"
        )
    return {
        "warehouse": WarehouseResource(
            duckdb_path=str(settings.duckdb_path),
            raw_dir=str(settings.raw_dir) if settings.raw_dir else None,
            demo_dir=str((STATE_FOLDER / "demo_league").resolve()),
            export_dir=settings.export_url,
        )
    }
