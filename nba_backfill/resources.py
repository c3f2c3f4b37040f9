"""The only reader of the environment, and the resources built from what it says."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from nba_backfill.core.derived import keep_derived_in
from nba_backfill.publishing.live.feed import BallDontLie, LiveScores
from nba_backfill.raw.embedded import EmbeddedWarehouse
from nba_backfill.raw.home import WarehouseResource
from nba_backfill.warehouse.homes import EMBEDDED, HOMES, Home, Kind

STATE_FOLDER = Path(".nba_backfill")
"""Where everything lives that a newcomer did not place himself; relative to where he stands."""
BUCKET_NAME = re.compile("[a-z0-9][a-z0-9._-]*[a-z0-9]")

MAX_BYTES = 100 * 2**30
PRICE_PER_TIB = 6.25
"""BigQuery's list price on demand in the United States."""
STEPS_AT_ONCE = 4
KEEP_RUNS = 3

VARIABLES = {
    "NBA_WAREHOUSE": f"{' or '.join(HOMES)}; default {EMBEDDED.kind}",
    "NBA_DUCKDB_PATH": f"DuckDB file; default {STATE_FOLDER / 'warehouse.duckdb'}",
    "NBA_RAW_DIR": "folder of <dataset>/<table>/*.parquet; unset: the demo league",
    "NBA_EXPORT_URL": "where model files and exports go: a path, file:///path or"
    f" gs://bucket/prefix; default {STATE_FOLDER / 'exports'}",
    "NBA_CACHE_DIR": f"folder that may be thrown away; default {STATE_FOLDER / 'cache'}",
    "NBA_LIVE_URL": "address of the live box-score feed, without its path; for live-scores only",
    "NBA_LIVE_KEY": "bearer key of that feed",
    "NBA_BIGQUERY_PROJECT": "Google Cloud project; needed with NBA_WAREHOUSE=bigquery",
    "NBA_BIGQUERY_LOCATION": "BigQuery location; default US",
    "NBA_BIGQUERY_DATASET_PREFIX": "put before the names of the datasets we write; default none",
    "NBA_BIGQUERY_RAW_DATASET_PREFIX": "put before the names of raw datasets; default none",
    "NBA_BIGQUERY_MAX_BYTES": "bytes that a query may bill before BigQuery refuses it; default"
    f" {MAX_BYTES:,}",
    "NBA_BIGQUERY_PRICE_PER_TIB": "US dollars per TiB scanned, as plan and status say; default"
    f" {PRICE_PER_TIB}",
    "NBA_BIGQUERY_ACCEPT_SCHEMA_CHANGE": "yes: stored tables are made as declared though columns"
    " are retyped or dropped, as `run --accept-schema-change` does; default no",
    "NBA_BIGQUERY_CONCURRENCY": "steps of a run, each with one query, at once; default"
    f" {STEPS_AT_ONCE}",
    "NBA_KEEP_RUNS": "runs of which displaced rows are kept in the DuckDB file, for rollback; 0:"
    f" none; default {KEEP_RUNS}",
    "NBA_AUTOMATION": "on: sensor and schedules keep every table complete; default off",
    "NBA_ALERTS_URLS": "where alerts go besides the log: Apprise URLs, separated by blanks",
}


class ConfigurationError(ValueError):
    """An environment variable has a value we cannot use; the message lists the valid ones."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, validated. ``raw_dir`` None: the demo league."""

    warehouse: Kind
    duckdb_path: Path
    raw_dir: Path | None
    export_url: str
    cache_dir: Path
    bigquery_project: str | None
    bigquery_location: str
    bigquery_dataset_prefix: str = ""
    bigquery_raw_dataset_prefix: str = ""
    bigquery_emulated: bool = False
    accept_schema_change: bool = False
    bigquery_max_bytes: int = MAX_BYTES
    bigquery_price_per_tib: float = PRICE_PER_TIB
    steps_at_once: int = STEPS_AT_ONCE
    keep_runs: int = KEEP_RUNS
    automation: bool = False
    alerts_urls: tuple[str, ...] = ()

    @property
    def home(self) -> Home:
        """The kind of warehouse, and what follows from it."""
        return HOMES[self.warehouse]

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
        warehouse = said["NBA_WAREHOUSE"] or EMBEDDED.kind
        if warehouse not in HOMES:
            valid = ", ".join(HOMES)
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
            export_url=_export_url(said["NBA_EXPORT_URL"] or str(STATE_FOLDER / "exports")),
            cache_dir=Path(said["NBA_CACHE_DIR"] or STATE_FOLDER / "cache").resolve(),
            bigquery_project=said["NBA_BIGQUERY_PROJECT"] or None,
            bigquery_location=said["NBA_BIGQUERY_LOCATION"] or "US",
            bigquery_dataset_prefix=_prefix(said, "NBA_BIGQUERY_DATASET_PREFIX"),
            bigquery_raw_dataset_prefix=_prefix(said, "NBA_BIGQUERY_RAW_DATASET_PREFIX"),
            accept_schema_change=_yes(said, "NBA_BIGQUERY_ACCEPT_SCHEMA_CHANGE"),
            # Google's own variable: its client asks the stand-in that it names.
            bigquery_emulated=bool(environment.get("BIGQUERY_EMULATOR_HOST")),
            bigquery_max_bytes=int(_number(said, "NBA_BIGQUERY_MAX_BYTES", MAX_BYTES, whole=True)),
            bigquery_price_per_tib=_number(said, "NBA_BIGQUERY_PRICE_PER_TIB", PRICE_PER_TIB),
            steps_at_once=int(_number(said, "NBA_BIGQUERY_CONCURRENCY", STEPS_AT_ONCE, whole=True)),
            keep_runs=_keep_runs(said),
            automation=said["NBA_AUTOMATION"] == "on",
            alerts_urls=tuple(said["NBA_ALERTS_URLS"].split()),
        )


def _number(said: Mapping[str, str], name: str, default: float, *, whole: bool = False) -> float:
    """A number above zero; ConfigurationError for anything else."""
    text = said[name]
    if not text:
        return default
    pattern = r"\d+" if whole else r"\d+(\.\d+)?"
    if not re.fullmatch(pattern, text) or not float(text):
        kind = "a whole number" if whole else "a number"
        raise ConfigurationError(f"{name}={text!r}; valid: {kind} above 0, like {default}")
    return float(text)


def _keep_runs(said: Mapping[str, str]) -> int:
    """How many runs are kept; ConfigurationError for what is no whole number."""
    text = said["NBA_KEEP_RUNS"] or str(KEEP_RUNS)
    if not re.fullmatch(r"\d+", text):
        raise ConfigurationError(
            f"NBA_KEEP_RUNS={text!r}; valid: a whole number like {KEEP_RUNS}, or 0 to keep nothing"
        )
    return int(text)


def _yes(said: Mapping[str, str], name: str) -> bool:
    """Whether a variable says yes; ConfigurationError for anything but yes, no and nothing."""
    if said[name] not in ("", "yes", "no"):
        raise ConfigurationError(f"{name}={said[name]!r}; valid: yes or no")
    return said[name] == "yes"


def _prefix(said: Mapping[str, str], name: str) -> str:
    """A dataset prefix; ConfigurationError for what no dataset's name may begin with."""
    text = said[name]
    if text and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text):
        raise ConfigurationError(
            f"{name}={text!r}; valid: letters, digits and underscores, a letter first, as in"
            " smoke_1_"
        )
    return text


def _export_url(url: str) -> str:
    """The absolute path that a path or a file:// URL means, or the gs:// URL as it is.

    Raises ConfigurationError for a URL of another scheme or host, a bucket without a name, and a
    file in the folder's place.
    """
    scheme, host, path = "", "", url
    if "://" in url:
        parsed = urlsplit(url)
        scheme, host, path = parsed.scheme, parsed.netloc, url2pathname(parsed.path)
    if scheme == "gs" and BUCKET_NAME.fullmatch(host) and url == f"gs://{host}{path}":
        return url
    if scheme not in ("", "file") or host not in ("", "localhost") or not path:
        raise ConfigurationError(
            f"NBA_EXPORT_URL={url!r} is no folder of this machine and no bucket; valid: a path like"
            " exports, file:///absolute/path or gs://bucket/prefix"
        )
    folder = Path(path).resolve()
    if folder.is_file():
        raise ConfigurationError(f"NBA_EXPORT_URL={url!r} is a file; valid: a folder")
    return str(folder)


def build_resources(settings: Settings) -> dict[str, WarehouseResource]:
    """The resources of the definitions; from now on SQL is translated once and kept."""
    keep_derived_in(settings.cache_dir)
    if settings.bigquery_project and not settings.home.one_writer:
        # Google's libraries take a second to load, which the embedded warehouse does not need.
        from nba_backfill.raw.cloud import CloudWarehouse  # noqa: PLC0415

        return {
            "warehouse": CloudWarehouse(
                project=settings.bigquery_project,
                location=settings.bigquery_location,
                dataset_prefix=settings.bigquery_dataset_prefix,
                raw_dataset_prefix=settings.bigquery_raw_dataset_prefix,
                emulated=settings.bigquery_emulated,
                accept_schema_change=settings.accept_schema_change,
                max_bytes=settings.bigquery_max_bytes,
                price_per_tib=settings.bigquery_price_per_tib,
                export_url=settings.export_url,
            )
        }
    return {
        "warehouse": EmbeddedWarehouse(
            duckdb_path=str(settings.duckdb_path),
            raw_dir=str(settings.raw_dir) if settings.raw_dir else None,
            demo_dir=str((STATE_FOLDER / "demo_league").resolve()),
            export_url=settings.export_url,
            keep_runs=settings.keep_runs,
        )
    }


def live_feed(environment: Mapping[str, str] = os.environ) -> LiveScores:
    """The live box-score feed; ConfigurationError, which never shows the key, without its place."""
    url, key = (environment.get(name, "").strip() for name in ("NBA_LIVE_URL", "NBA_LIVE_KEY"))
    if urlsplit(url).scheme not in ("http", "https") or not key:
        raise ConfigurationError(
            "live scores need NBA_LIVE_URL, an http:// or https:// address, and NBA_LIVE_KEY, the"
            " key of the feed. Nothing was fetched"
        )
    return BallDontLie(url, key)
