"""Files in a bucket of Google Cloud Storage."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cached_property
from uuid import uuid4

import requests
from google.api_core.exceptions import (
    Forbidden,
    GoogleAPICallError,
    NotFound,
    PreconditionFailed,
    RetryError,
    Unauthorized,
)
from google.api_core.retry import Retry
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY

from nba_backfill.warehouse.files import (
    ANY_TYPE,
    FileChangedError,
    FileInfo,
    FileStoreError,
    FoundFile,
    NewFile,
    batches,
    valid_name,
)

PATIENCE = DEFAULT_RETRY.with_timeout(120.0)
"""A request is tried again for so many seconds, with pauses from one second that double."""

WRITERS = 10
"""Uploads under way at once: as many connections as the client keeps open to a host."""

MUST_NOT_EXIST = 0
"""What Google Cloud Storage calls the generation of an object that is not there."""

WRITER = "nba-writer"
"""Custom metadata of a pointer: which call wrote it."""

NEEDED_ROLE = "roles/storage.objectUser"


class GCSFiles:
    """A :class:`~nba_backfill.warehouse.files.FileStore` under a prefix of a bucket.

    ``connect`` makes the client, at the first request. A generation is the bucket's own number.
    ``retry`` says which errors are tried again and how long.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        connect: Callable[[], storage.Client],
        retry: Retry = PATIENCE,
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._connect = connect
        self._retry = retry
        self._bucket_was_seen = False

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.prefix}".rstrip("/")

    def read(self, name: str) -> bytes | None:
        """Content of a file, or None if there is none of that name."""
        with self._answering(f"{self.uri(name)} was not read"):
            try:
                return self._blob(name).download_as_bytes(retry=self._retry)
            except NotFound:
                self._refuse_no_bucket()
                return None

    def find(self, name: str) -> FoundFile | None:
        """Content of a file and what belongs to it, of one moment; None if there is none.

        Two requests: what a download says of Cache-Control is a default where the object has none.
        """
        while found := self.info(name):
            with self._answering(f"{self.uri(name)} was not read"):
                blob = self._client.bucket(self.bucket).blob(
                    f"{self.prefix}{name}", generation=int(found.generation)
                )
                try:
                    return FoundFile(blob.download_as_bytes(retry=self._retry), found)
                except NotFound:  # replaced or deleted since: look again
                    continue
        return None

    def info(self, name: str) -> FileInfo | None:
        """What is known of a file, or None if there is none of that name."""
        with self._answering(f"{self.uri(name)} was not looked at"):
            blob = self._blob(name)
            try:
                blob.reload(retry=self._retry)
            except NotFound:
                self._refuse_no_bucket()
                return None
            return self._info(blob)

    def infos(self, prefix: str = "") -> Iterator[FileInfo]:
        """Files whose name begins with ``prefix``, a thousand per request."""
        with self._answering(f"{self}/{prefix} was not listed"):
            for blob in self._client.list_blobs(
                self.bucket, prefix=f"{self.prefix}{prefix}", retry=self._retry
            ):
                if not blob.name.endswith("/"):  # what the console makes to show a folder, else
                    yield self._info(blob)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Names that begin with ``prefix``, in the order of their characters."""
        for found in self.infos(prefix):
            yield found.name

    def write(
        self, name: str, content: bytes, *, content_type: str = ANY_TYPE, cache_control: str = ""
    ) -> None:
        """Put a file in place of any older one; its headers are part of the same request."""
        new = NewFile(name, content, content_type, cache_control)
        with self._answering(f"{self.uri(name)} was not written"):
            self._upload(new)

    def write_many(self, files: Iterable[NewFile]) -> int:
        """Write files, several at once; return how many.

        After a first error no further upload begins; those under way end.
        """
        written = 0
        with ThreadPoolExecutor(WRITERS) as pool:
            for batch in batches(files):
                uploads = [pool.submit(self._write_one, file) for file in batch]
                wait(uploads, return_when=FIRST_EXCEPTION)
                begun = [upload for upload in uploads if not upload.cancel()]
                errors = [error for upload in begun if (error := upload.exception())]
                written += len(begun) - len(errors)
                for error in errors[:1]:
                    if not isinstance(error, FileStoreError):
                        raise error
                    raise FileStoreError(
                        f"{error} ({written:,} other files were written, each whole; the rest was"
                        " not begun)"
                    ) from error
        return written

    def _write_one(self, file: NewFile) -> None:
        self.write(
            file.name,
            file.content,
            content_type=file.content_type,
            cache_control=file.cache_control,
        )

    def replace(
        self,
        name: str,
        content: bytes,
        *,
        if_generation: str | None,
        content_type: str = ANY_TYPE,
        cache_control: str = "",
    ) -> None:
        """Write a file only if it is the one that was read, or None and there is none."""
        new = NewFile(name, content, content_type, cache_control)
        expected = MUST_NOT_EXIST if if_generation is None else int(if_generation)
        writer = uuid4().hex
        with self._answering(f"{self.uri(name)} was not written"):
            try:
                self._upload(new, if_generation=expected, writer=writer)
            except PreconditionFailed as error:
                # The answer to an upload can be lost on its way: the next try is then refused
                # because the first one succeeded. Equal content would not tell: two writers may
                # want the same.
                if self._writer_of(name) != writer:
                    raise FileChangedError(
                        f"{self.uri(name)} was written by someone else meanwhile; nothing was"
                        " written. Read it again and decide anew"
                    ) from error

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is removed already."""
        with self._answering(f"{self.uri(name)} was not deleted"):
            try:
                self._blob(name).delete(retry=self._retry)
            except NotFound:
                self._refuse_no_bucket()

    def uri(self, name: str) -> str:
        """The gs:// address of the file."""
        return f"gs://{self.bucket}/{self.prefix}{valid_name(name)}"

    @cached_property
    def _client(self) -> storage.Client:
        return self._connect()

    def _blob(self, name: str) -> storage.Blob:
        return self._client.bucket(self.bucket).blob(f"{self.prefix}{valid_name(name)}")

    def _info(self, blob: storage.Blob) -> FileInfo:
        return FileInfo(
            name=blob.name.removeprefix(self.prefix),
            size=int(blob.size or 0),
            content_type=blob.content_type or ANY_TYPE,
            cache_control=blob.cache_control or "",
            generation=str(blob.generation),
            md5=b64decode(blob.md5_hash or "").hex(),
        )

    def _upload(
        self, file: NewFile, *, if_generation: int | None = None, writer: str | None = None
    ) -> None:
        blob = self._blob(file.name)
        blob.cache_control = file.cache_control or None
        if writer:
            blob.metadata = {WRITER: writer}
        blob.upload_from_string(
            file.content,
            content_type=file.content_type,
            if_generation_match=if_generation,
            retry=self._retry,
        )

    def _writer_of(self, name: str) -> str | None:
        blob = self._client.bucket(self.bucket).get_blob(f"{self.prefix}{name}", retry=self._retry)
        return (blob.metadata or {}).get(WRITER) if blob else None

    def _refuse_no_bucket(self) -> None:
        """Tell an object that is not there from a bucket that is not; raises NotFound for this."""
        if not self._bucket_was_seen:
            list(self._client.list_blobs(self.bucket, max_results=1, retry=self._retry))
            self._bucket_was_seen = True

    @contextmanager
    def _answering(self, what_was_not_done: str) -> Iterator[None]:
        """Turn what the client raises into one error that says what to do."""
        try:
            yield
        except GoogleAuthError as error:
            raise FileStoreError(
                f"{what_was_not_done}: no valid credentials of Google Cloud ({error}). Give the"
                " process a service account, or run `gcloud auth application-default login`"
            ) from error
        except (Forbidden, Unauthorized) as error:
            raise FileStoreError(
                f"{what_was_not_done}: bucket {self.bucket} refuses this account"
                f" ({error.message}). Grant it {NEEDED_ROLE} on the bucket"
            ) from error
        except NotFound as error:
            raise FileStoreError(
                f"{what_was_not_done}: there is no bucket {self.bucket} ({error.message}). Create"
                " it, or name another one in NBA_EXPORT_URL"
            ) from error
        except (
            GoogleAPICallError,
            RetryError,
            InvalidResponse,
            DataCorruption,
            requests.RequestException,
            OSError,
        ) as error:
            raise FileStoreError(
                f"{what_was_not_done}: bucket {self.bucket} gave no usable answer in"
                f" {self._retry.timeout:g} s ({error}). Whatever is there is whole: run again later"
            ) from error
