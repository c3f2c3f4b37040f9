"""What a file store promises, asked of each of its homes: a folder, a bucket."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from google.cloud.storage.retry import DEFAULT_RETRY

from nba_backfill.warehouse import files
from nba_backfill.warehouse.files import (
    FileChangedError,
    FileInfo,
    FileNameError,
    FileStore,
    FileStoreError,
    LocalFiles,
    NewFile,
)
from nba_backfill.warehouse.stores import file_store
from nba_backfill_tests.gcs_double import GCSDouble
from nba_backfill_tests.killing import SERVER

BUCKET = "props"
SOON = DEFAULT_RETRY.with_delay(initial=0.01, maximum=0.05).with_timeout(2.0)


@pytest.fixture(scope="module")
def double() -> Iterator[GCSDouble]:
    with GCSDouble(BUCKET) as running:
        yield running


@pytest.fixture
def bucket(double, monkeypatch):
    """A store in the double's bucket, as the configuration makes it, that gives up soon."""
    double.reset()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", double.url)
    store = file_store(f"gs://{BUCKET}/v1")
    store._retry = SOON
    return store


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path) -> FileStore:
    if request.param == "folder":
        return LocalFiles(tmp_path / "exports")
    return request.getfixturevalue("bucket")


def test_a_file_is_read_as_it_was_written_and_none_is_none(store):
    assert store.read("results/2024-01-15.json") is None
    assert store.info("results/2024-01-15.json") is None
    assert store.find("results/2024-01-15.json") is None
    for content in (b'{"a": "\xc3\xa9"}\r\n--\r\n', b"", bytes(range(256)) * 40):
        store.write("results/2024-01-15.json", content)
        assert store.read("results/2024-01-15.json") == content


def test_content_type_and_cache_control_belong_to_the_content(store):
    said = {"content_type": "application/json", "cache_control": "public, max-age=300"}
    store.write("results/latest.json", b"{}", **said)
    info = store.info("results/latest.json")
    assert info == FileInfo(
        name="results/latest.json",
        size=2,
        content_type="application/json",
        cache_control="public, max-age=300",
        generation=info.generation,
        md5=hashlib.md5(b"{}").hexdigest(),
    )
    assert store.find("results/latest.json") == (b"{}", info)
    store.write("results/latest.json", b"{}")
    found = store.find("results/latest.json")
    assert (found.info.content_type, found.info.cache_control) == ("application/octet-stream", "")
    store.write("results/latest.json", b"[]", **said)
    assert store.info("results/latest.json").cache_control == "public, max-age=300"
    assert store.info("results/latest.json").generation != info.generation


def test_names_are_listed_in_order_below_a_prefix(store):
    for name in ("b/2", "a", "b/10", "b", "ba", "c/d/é"):
        if not (isinstance(store, LocalFiles) and name == "b"):  # a folder there
            store.write(name, name.encode(), content_type="text/plain")
    listed = list(store.names("b/"))
    assert listed == ["b/10", "b/2"]
    assert list(store.names("b/1")) == ["b/10"]
    assert list(store.names("nothing/at/all")) == []
    assert [n for n in store.names() if n != "b"] == ["a", "b/10", "b/2", "ba", "c/d/é"]
    assert [(i.name, i.size, i.content_type) for i in store.infos("c")] == [
        ("c/d/é", 6, "text/plain")
    ]


def test_a_deleted_file_is_gone_and_may_be_deleted_again(store):
    store.write("a/b.json", b"1", cache_control="no-store")
    store.delete("a/b.json")
    store.delete("a/b.json")
    store.delete("never/there")
    assert store.read("a/b.json") is None
    assert list(store.names()) == []
    store.write("a/b.json", b"1")
    assert store.info("a/b.json").cache_control == ""


@pytest.mark.parametrize(
    "name", ["", "/etc/x", "../x", "a/../b", "a//b", "a/", "./a", ".lock", "a/.b", "a\\b", "a\0"]
)
def test_a_name_that_could_mean_something_elsewhere_is_refused(store, name):
    for act in (store.read, store.info, store.find, store.delete, store.uri):
        with pytest.raises(FileNameError, match="names no file of a store; valid: relative"):
            act(name)
    with pytest.raises(FileNameError):
        store.write(name, b"")
    with pytest.raises(FileNameError):
        store.replace(name, b"", if_generation=None)
    with pytest.raises(FileNameError):
        store.write_many([NewFile(name, b"")])
    assert list(store.names()) == []


def test_a_pointer_is_replaced_only_as_it_was_read(store):
    pointer = "results/latest.json"
    store.replace(pointer, b"1", if_generation=None, cache_control="no-cache")
    with pytest.raises(FileChangedError, match=r"latest.json was written by someone else"):
        store.replace(pointer, b"2", if_generation=None)
    first = store.info(pointer).generation
    store.replace(pointer, b"3", if_generation=first, cache_control="no-cache")
    with pytest.raises(FileChangedError, match=r"nothing was written\. Read it again"):
        store.replace(pointer, b"4", if_generation=first)
    assert store.find(pointer).content == b"3"
    assert store.info(pointer).cache_control == "no-cache"
    store.delete(pointer)
    with pytest.raises(FileChangedError):
        store.replace(pointer, b"5", if_generation=first)
    assert store.read(pointer) is None


def test_of_many_writers_of_a_pointer_none_is_lost(store):
    store.write("count", b"0")

    def count_up(_) -> None:
        while True:
            content, info = store.find("count")
            try:
                store.replace("count", b"%d" % (int(content) + 1), if_generation=info.generation)
            except FileChangedError:
                continue
            return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(24)))
    assert store.read("count") == b"24"


def test_many_files_are_written_from_a_stream(store):
    said = {"content_type": "application/json", "cache_control": "public, max-age=86400"}
    stream = (NewFile(f"results/{n:04}.json", b"%d" % n, **said) for n in range(300))
    assert store.write_many(stream) == 300
    found = list(store.infos("results/"))
    assert [info.name for info in found] == [f"results/{n:04}.json" for n in range(300)]
    assert {(info.content_type, info.cache_control) for info in found} == {
        ("application/json", "public, max-age=86400")
    }


def test_a_large_file_is_whole(store):
    content = random.Random(11).randbytes(9 * 2**20)
    store.write("models/large.zip", content, content_type="application/zip", cache_control="x")
    assert store.read("models/large.zip") == content
    assert store.info("models/large.zip").cache_control == "x"


# --- a folder --------------------------------------------------------------------------------


def test_what_a_killed_writer_left_in_a_folder_is_not_listed_and_goes(tmp_path, monkeypatch):
    LocalFiles(tmp_path).write("a.json", b"1", cache_control="no-store")
    left = tmp_path / ".writing" / "half"
    left.write_bytes(b"ha")
    assert list(LocalFiles(tmp_path).names()) == ["a.json"]
    LocalFiles(tmp_path).write("b.json", b"2")
    assert left.exists()  # it may be another process's, still at work
    long_ago = time.time() - files.ABANDONED_AFTER_SECONDS - 1
    os.utime(left, (long_ago, long_ago))
    LocalFiles(tmp_path).write("b.json", b"3")
    assert not left.exists()


def test_a_folder_that_cannot_be_written_says_what_was_not(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileStoreError, match=r"a\.json was not written: .*NBA_EXPORT_URL"):
        LocalFiles(tmp_path / "file").write("a.json", b"1")
    some = LocalFiles(tmp_path)
    some.write("a", b"1")
    with pytest.raises(FileStoreError, match="b was not written"):
        some.write("a/b", b"1")


def write_for_ever(folder: Path) -> None:
    """Writes the same file, alternately of two kinds, until killed."""
    store = LocalFiles(folder)
    for n in range(10**9):
        kind = n % 2
        store.write("doc", b"ab"[kind : kind + 1] * 5000, cache_control="ab"[kind])


def test_a_killed_writer_leaves_a_whole_file_with_its_own_cache_control(tmp_path):
    chance = random.Random(7)
    for _ in range(12):
        writer = SERVER.Process(target=write_for_ever, args=(tmp_path,))
        writer.start()
        deadline = time.monotonic() + 30
        while not (tmp_path / "doc").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        found = LocalFiles(tmp_path).find("doc")
        assert found.content in (b"a" * 5000, b"b" * 5000)
        assert found.info.cache_control.encode() == found.content[:1]
        assert list(LocalFiles(tmp_path).names()) == ["doc"]
    LocalFiles(tmp_path).write("doc", b"c")  # and the lock is free


# --- a bucket --------------------------------------------------------------------------------


def test_content_and_headers_go_to_a_bucket_in_one_request(bucket, double):
    bucket.write("a.json", b"{}", content_type="application/json", cache_control="no-store")
    writing = {what: n for what, n in double.state.requests.items() if not what.startswith("GET")}
    assert writing == {"POST upload": 1}
    [stored] = double.state.objects[BUCKET].values()
    assert stored.name == "v1/a.json"
    assert stored.written == {"contentType": "application/json", "cacheControl": "no-store"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(bucket, double, status):
    double.fail(status=status, times=2)
    double.fail(method="GET", path="/download/", status=status, times=2)
    bucket.write("a", b"1")
    assert bucket.read("a") == b"1"


def test_what_does_not_pass_says_what_was_not_written(bucket, double):
    double.fail(status=503, times=10**6)
    with pytest.raises(
        FileStoreError,
        match=r"gs://props/v1/a was not written: bucket props gave no .* again later",
    ):
        bucket.write("a", b"1")


def test_a_pointer_whose_answer_was_lost_is_written_once(bucket, double):
    double.fail(answer_lost=True)
    bucket.replace("latest", b"1", if_generation=None, cache_control="no-cache")
    assert bucket.read("latest") == b"1"
    assert double.state.requests["POST upload"] == 2
    double.fail(answer_lost=True)
    bucket.replace("latest", b"2", if_generation=bucket.info("latest").generation)
    assert bucket.read("latest") == b"2"


def test_a_bucket_that_refuses_says_which_role_is_missing(bucket, double):
    double.fail(status=403, reason="forbidden")
    with pytest.raises(FileStoreError, match=r"v1/a was not written: bucket props refuses .*Grant"):
        bucket.write("a", b"1")
    double.fail(method="GET", path="/download/", status=403, reason="forbidden")
    with pytest.raises(FileStoreError, match=r"v1/a was not read: .*roles/storage.objectUser"):
        bucket.read("a")


def test_a_bucket_that_is_not_there_is_no_missing_file(bucket, double):
    nowhere = file_store("gs://no-such-bucket")
    for act in (nowhere.read, nowhere.info, nowhere.delete, lambda name: list(nowhere.names(name))):
        with pytest.raises(FileStoreError, match=r"there is no bucket no-such-bucket .* Create it"):
            act("a")
    with pytest.raises(FileStoreError, match="no-such-bucket/a was not written: there is no"):
        nowhere.write("a", b"1")
    with pytest.raises(FileStoreError, match="no-such-bucket/a was not written: there is no"):
        nowhere.replace("a", b"1", if_generation=None)


def test_without_credentials_the_cure_is_named(monkeypatch, tmp_path):
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(
        FileStoreError, match=r"v1/a was not written: no valid credentials .*gcloud"
    ):
        file_store("gs://props/v1", project="props").write("a", b"1")


def test_a_refused_upload_of_many_stops_the_rest_and_counts(bucket, double):
    double.fail(status=403, times=10**6)
    with pytest.raises(FileStoreError, match="0 other files were written, each whole; the rest"):
        bucket.write_many(NewFile(f"{n:04}", b"1") for n in range(2000))
    assert double.state.requests["POST upload"] < 200


def test_many_files_go_to_a_bucket_at_once(bucket, double):
    double.state.seconds_per_upload = 0.05
    try:
        started = time.perf_counter()
        bucket.write_many(NewFile(f"{n:04}", b"1") for n in range(100))
        seconds = time.perf_counter() - started
    finally:
        double.state.seconds_per_upload = 0.0
    assert seconds < 100 * 0.05 / 2


def test_a_packaged_emulator_sees_the_same_files(tmp_path, monkeypatch):
    """Generations aside, which it does not keep: a second opinion, written by others."""
    from gcp_storage_emulator.server import create_server

    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    server.start()
    try:
        monkeypatch.setenv(
            "STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server._api._httpd.server_port}"
        )
        store = file_store(f"gs://{BUCKET}/v1")
        said = {"content_type": "application/json", "cache_control": "public, max-age=30"}
        store.write("live/latest.json", b"{}", **said)
        blob = store._blob("live/latest.json")
        blob.reload()
        assert (blob.content_type, blob.cache_control) == tuple(said.values())
        assert store.read("live/latest.json") == b"{}"
        assert store.read("live/none.json") is None
        assert [blob.name for blob in store._client.list_blobs(BUCKET)] == ["v1/live/latest.json"]
        store.delete("live/latest.json")
        assert store.read("live/latest.json") is None
    finally:
        server.stop()
