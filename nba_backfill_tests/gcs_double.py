"""A bucket of Google Cloud Storage on this machine, for the real client: generations included.

    python -m nba_backfill_tests.gcs_double --port 9023 --bucket props

Multipart and resumable uploads, metadata, download, list with paging, delete; every write gets a
new generation and every request's preconditions are judged, both of which packaged emulators leave
out. An object is there when its upload has ended. Faults are asked for by `POST /double/faults`
with a list of ``{"method", "path", "status", "reason", "answer_lost", "times"}``: the next
requests that match get that answer; with ``answer_lost`` they are carried out before the connection
is dropped. `GET /double/requests` counts what was asked.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import re
import socket
import sys
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP

import anyio
import google_crc32c
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PAGE = 1000
WRITABLE = ("contentType", "cacheControl", "contentEncoding", "metadata")


@dataclass(frozen=True)
class StoredObject:
    """An object of one generation."""

    name: str
    content: bytes
    generation: int
    written: dict

    def resource(self, bucket: str) -> dict:
        """What the JSON API says of it."""
        crc = google_crc32c.value(self.content).to_bytes(4, "big")
        return {
            "kind": "storage#object",
            "id": f"{bucket}/{self.name}/{self.generation}",
            "name": self.name,
            "bucket": bucket,
            "generation": str(self.generation),
            "metageneration": "1",
            "size": str(len(self.content)),
            "md5Hash": b64encode(hashlib.md5(self.content).digest()).decode(),
            "crc32c": b64encode(crc).decode(),
            **self.written,
        }


@dataclass
class Fault:
    """What the next matching requests get instead of an answer."""

    method: str = "POST"
    path: str = "/upload/"
    status: int = 503
    reason: str = "backendError"
    answer_lost: bool = False
    times: int = 1


@dataclass
class Buckets:
    """All state of the double."""

    objects: dict[str, dict[str, StoredObject]] = field(default_factory=dict)
    uploads: dict[str, tuple[str, dict, dict, bytearray]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: Counter = field(default_factory=Counter)
    generations: Iterator[int] = field(default_factory=lambda: itertools.count(1_700_000_000_000))
    seconds_per_upload: float = 0.0


def error(status: int, reason: str, message: str) -> JSONResponse:
    """An error as the JSON API words it."""
    inner = [{"domain": "global", "reason": reason, "message": message}]
    return JSONResponse(
        {"error": {"code": status, "message": message, "errors": inner}}, status_code=status
    )


NO_BUCKET = (404, "notFound", "The specified bucket does not exist.")


def refused(found: StoredObject | None, asked) -> JSONResponse | None:
    """The answer to a request whose preconditions do not hold, or None if they do."""
    generation = found.generation if found else 0
    wanted = asked.get("ifGenerationMatch")
    if wanted is not None and int(wanted) != generation:
        return error(
            412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold."
        )
    unwanted = asked.get("ifGenerationNotMatch")
    if unwanted is not None and int(unwanted) == generation:
        return error(412, "conditionNotMet", "The object has that generation.")
    return None


class Service:
    """The double as an ASGI application."""

    def __init__(self, state: Buckets) -> None:
        self.state = state
        self.routes = Starlette(
            routes=[
                Route("/upload/storage/v1/b/{bucket}/o", self.upload, methods=["POST"]),
                Route("/upload/storage/v1/b/{bucket}/o", self.resume, methods=["PUT"]),
                Route("/storage/v1/b/{bucket}", self.bucket),
                Route("/storage/v1/b/{bucket}/o", self.listing),
                Route("/storage/v1/b/{bucket}/o/{name:path}", self.one, methods=["GET", "DELETE"]),
                Route("/download/storage/v1/b/{bucket}/o/{name:path}", self.one),
                Route("/double/faults", self.faults, methods=["POST"]),
                Route("/double/requests", self.requests),
            ]
        )

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/double"):
            await self.routes(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        self.state.requests[f"{method} {path.split('/storage/')[0].strip('/') or 'storage'}"] += 1
        for fault in self.state.faults:
            if fault.times and fault.method == method and path.startswith(fault.path):
                fault.times -= 1
                if fault.answer_lost:

                    async def nowhere(_) -> None:
                        """What the client is never told."""

                    await self.routes(scope, receive, nowhere)
                    headers = [(b"content-length", b"1")]
                    await send({"type": "http.response.start", "status": 200, "headers": headers})
                    return  # without the promised body: the server cuts the connection
                answer = error(fault.status, fault.reason, f"{fault.reason}, asked for by a test")
                await answer(scope, receive, send)
                return
        await self.routes(scope, receive, send)

    def store(self, bucket: str, written: dict, content: bytes, asked) -> Response:
        objects = self.state.objects[bucket]
        name = written["name"]
        if answer := refused(objects.get(name), asked):
            return answer
        said = {key: written[key] for key in WRITABLE if written.get(key) is not None}
        objects[name] = StoredObject(name, content, next(self.state.generations), said)
        return JSONResponse(objects[name].resource(bucket))

    async def upload(self, request: Request) -> Response:
        bucket, asked = request.path_params["bucket"], request.query_params
        if bucket not in self.state.objects:
            return error(*NO_BUCKET)
        if self.state.seconds_per_upload:
            await anyio.sleep(self.state.seconds_per_upload)
        body = await request.body()
        if asked["uploadType"] == "multipart":
            header = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
            about, media = BytesParser(policy=HTTP).parsebytes(header + body).iter_parts()
            # The parser would normalize line ends of the content: cut it out of the body itself.
            boundary = (
                b"--"
                + re.search(r'boundary="?([^";]+)', request.headers["content-type"])
                .group(1)
                .encode()
            )
            content = body.split(boundary)[2].partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            written = json.loads(about.get_content())
            written.setdefault("contentType", media.get_content_type())
            written.setdefault("name", asked.get("name"))
            return self.store(bucket, written, content, asked)
        if asked["uploadType"] == "resumable":
            written = await request.json() if body else {}
            written.setdefault("name", asked.get("name"))
            written.setdefault("contentType", request.headers.get("x-upload-content-type"))
            session = f"session-{len(self.state.uploads)}"
            self.state.uploads[session] = (bucket, written, dict(asked), bytearray())
            location = f"{request.url.replace(query='')}?uploadType=resumable&upload_id={session}"
            return Response(headers={"Location": location})
        return error(400, "invalid", "uploadType is multipart or resumable")

    async def resume(self, request: Request) -> Response:
        session = request.query_params["upload_id"]
        bucket, written, asked, received = self.state.uploads[session]
        chunk = await request.body()
        span = re.fullmatch(r"bytes (\d+-\d+|\*)/(\d+|\*)", request.headers["content-range"])
        if span[1] != "*":
            begin = int(span[1].split("-")[0])
            del received[begin:]
            received += chunk
        if span[2] == "*" or len(received) < int(span[2]):
            last = {"Range": f"bytes=0-{len(received) - 1}"} if received else {}
            return Response(status_code=308, headers=last)
        return self.store(bucket, written, bytes(received), asked)

    async def bucket(self, request: Request) -> Response:
        """What the client asks in the background, to label its traces."""
        name = request.path_params["bucket"]
        if name not in self.state.objects:
            return error(*NO_BUCKET)
        return JSONResponse({"kind": "storage#bucket", "name": name, "id": name})

    async def listing(self, request: Request) -> Response:
        bucket, asked = request.path_params["bucket"], request.query_params
        if bucket not in self.state.objects:
            return error(*NO_BUCKET)
        after, prefix = asked.get("pageToken", ""), asked.get("prefix", "")
        size = min(int(asked.get("maxResults", PAGE)), PAGE)
        objects = self.state.objects[bucket]
        names = sorted(n for n in objects if n.startswith(prefix) and n > after)
        page = {
            "kind": "storage#objects",
            "items": [objects[name].resource(bucket) for name in names[:size]],
        }
        if len(names) > size:
            page["nextPageToken"] = names[size - 1]
        return JSONResponse(page)

    async def one(self, request: Request) -> Response:
        bucket, name = request.path_params["bucket"], request.path_params["name"]
        if bucket not in self.state.objects:
            return error(*NO_BUCKET)
        asked = request.query_params
        found = self.state.objects[bucket].get(name)
        pinned = asked.get("generation")
        if found is None or (pinned is not None and int(pinned) != found.generation):
            return error(404, "notFound", f"No such object: {bucket}/{name}")
        if answer := refused(found, asked):
            return answer
        if request.method == "DELETE":
            del self.state.objects[bucket][name]
            return Response(status_code=204)
        if asked.get("alt") == "media":
            said = found.resource(bucket)
            return Response(
                found.content,
                headers={
                    "Content-Type": said.get("contentType", "application/octet-stream"),
                    # What the service sends for an object without one that is not public.
                    "Cache-Control": said.get("cacheControl", "private, max-age=0"),
                    "X-Goog-Generation": said["generation"],
                    "X-Goog-Hash": f"crc32c={said['crc32c']},md5={said['md5Hash']}",
                },
            )
        return JSONResponse(found.resource(bucket))

    async def faults(self, request: Request) -> Response:
        self.state.faults = [Fault(**asked) for asked in await request.json()]
        return JSONResponse({})

    async def requests(self, _: Request) -> Response:
        return JSONResponse(dict(self.state.requests))


class GCSDouble:
    """The double in a thread of this process, at ``url`` while the context is open."""

    def __init__(self, *buckets: str, port: int = 0) -> None:
        self.state = Buckets(objects={bucket: {} for bucket in buckets})
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            Service(self.state), log_level="critical", lifespan="off", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def fail(self, **fault) -> None:
        """Let the next matching requests fail; see :class:`Fault`."""
        self.state.faults.append(Fault(**fault))

    def reset(self) -> None:
        """Empty all buckets and forget faults and counts."""
        for objects in self.state.objects.values():
            objects.clear()
        self.state.faults.clear()
        self.state.requests.clear()

    def __enter__(self) -> GCSDouble:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def main() -> None:
    """Serve until stopped, saying where."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bucket", action="append", default=[])
    asked = parser.parse_args()
    with (
        GCSDouble(*asked.bucket, port=asked.port) as double,
        contextlib.suppress(KeyboardInterrupt),
    ):
        sys.stdout.write(f"STORAGE_EMULATOR_HOST={double.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
