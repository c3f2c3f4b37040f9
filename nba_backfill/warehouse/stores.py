"""From where the export store is to be to the store itself."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from nba_backfill.warehouse.files import FileStore, LocalFiles


def file_store(export_url: str, project: str | None = None) -> FileStore:
    """The store that an absolute path or a gs:// URL means; no request is made yet.

    ``project``: whose quota the requests of a bucket count against, None for the credentials' own.
    """
    if not export_url.startswith("gs://"):
        return LocalFiles(Path(export_url))
    # Google's client is slow to load, and most commands of most users never need it.
    from dagster_gcp import GCSResource  # noqa: PLC0415

    from nba_backfill.warehouse.gcs_files import GCSFiles  # noqa: PLC0415

    place = urlsplit(export_url)
    return GCSFiles(place.netloc, place.path, GCSResource(project=project).get_client)
