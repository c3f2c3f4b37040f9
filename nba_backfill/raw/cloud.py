"""The warehouse in BigQuery, its raw tables read in place from the user's own datasets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from dagster_gcp import BigQueryResource
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import bigquery

from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.home import RawContractError, Say, WarehouseResource
from nba_backfill.raw.in_place import observe, show_known
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.homes import HOMES, Home
from nba_backfill.warehouse.protocol import WarehouseError
from nba_backfill.warehouse.stores import file_store


class CloudWarehouse(WarehouseResource):
    """Datasets of a Google Cloud project.

    ``dataset_prefix`` and ``raw_dataset_prefix`` stand before the names of ours and of raw ones.

    ``max_bytes``: what a query may be billed. ``price_per_tib``: US dollars, for what is said.
    ``export_url``: absolute path or gs:// URL of the export store, where model files go too.
    """

    home: ClassVar[Home] = HOMES["bigquery"]
    project: str
    location: str
    dataset_prefix: str = ""
    raw_dataset_prefix: str = ""
    max_bytes: int
    price_per_tib: float
    export_url: str
    emulated: bool = False
    accept_schema_change: bool = False

    @property
    def _files(self) -> FileStore:
        return file_store(self.export_url, self.project)

    def client(self) -> bigquery.Client:
        """Google's client, as Dagster's BigQuery resource makes it; to be closed after use.

        ``emulated``: BIGQUERY_EMULATOR_HOST, which Google's library reads itself, names a stand-in
        that knows no accounts.
        """
        if self.emulated:
            anonymous = AnonymousCredentials()
            return bigquery.Client(self.project, credentials=anonymous, location=self.location)
        own = BigQueryResource(project=self.project, location=self.location)
        try:
            with own.get_client() as client:
                return client
        except DefaultCredentialsError as error:
            raise WarehouseError(
                f"no Google credentials for the project {self.project}: set"
                " GOOGLE_APPLICATION_CREDENTIALS to a key file, or log in with: gcloud auth"
                " application-default login. Nothing was read or written."
            ) from error

    def _connect(self, *, only_reads: bool = False) -> BigQueryWarehouse:
        return BigQueryWarehouse(
            self.client(),
            files=self._files,
            location=self.location,
            dataset_prefix=self.dataset_prefix,
            raw_dataset_prefix=self.raw_dataset_prefix,
            max_bytes_billed=self.max_bytes,
            price_per_tib=self.price_per_tib,
            accept_schema_change=self.accept_schema_change,
            only_reads=only_reads,
        )

    def _open(self, say: Say, *, raw_is_known: bool = False) -> BigQueryWarehouse:
        """Open it; record what changed of the raw tables, unless this run has done so."""
        with _closed_on_error(self._connect()) as warehouse:
            if raw_is_known:
                show_known(warehouse, RAW_TABLES)
            else:
                warehouse.write_records(observe(warehouse, RAW_TABLES, say))
        return warehouse

    def read(
        self, say: Say, *, bring_up: bool = False, elsewhere: bool = False
    ) -> BigQueryWarehouse:
        """Open what is there, changing nothing.

        ``bring_up``: what changed of the raw tables is looked at, and known to this command only.
        """

        def told(line: str) -> None:
            say(f"{line} (looked at for this command only)")

        with _closed_on_error(self._connect(only_reads=True)) as warehouse:
            if bring_up:
                warehouse.assume(observe(warehouse, RAW_TABLES, told))
            else:
                show_known(warehouse, RAW_TABLES)
        return warehouse

    @contextmanager
    def unloaded(self) -> Iterator[BigQueryWarehouse]:
        """The warehouse to be changed, its raw tables as they were known last."""
        warehouse = self._connect()
        try:
            show_known(warehouse, RAW_TABLES)
            yield warehouse
        finally:
            warehouse.close()

    def raw_token(self, warehouse: BigQueryWarehouse) -> str:
        """Changes when a raw partition's content does, as it was looked at for ``warehouse``."""
        digest = hashlib.blake2b(digest_size=10)
        for name, history in sorted(warehouse.histories(t.relation for t in RAW_TABLES).items()):
            for day, record in history.by_day.items():
                digest.update(f"{name}{day}{record.status}{record.fingerprint}".encode())
        return digest.hexdigest()

    def take_raw_from_here(self, by: str) -> str:
        """Refused: there is no folder to choose."""
        raise RawContractError(
            "on BigQuery raw tables are read where they are, in the datasets nba_raw, nba_reference"
            f" and nba_static of {self.project}. Nothing was changed; to read others, set"
            " NBA_BIGQUERY_PROJECT or NBA_BIGQUERY_DATASET_PREFIX."
        )


@contextmanager
def _closed_on_error(warehouse: BigQueryWarehouse) -> Iterator[BigQueryWarehouse]:
    try:
        yield warehouse
    except BaseException:
        warehouse.close()
        raise
