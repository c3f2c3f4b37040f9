"""The REST surface: paths and bodies of the service, faults, and a control room beside it."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from urllib.parse import parse_qs
from uuid import uuid4

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nba_backfill_tests.bigquery_double.errors import ServiceError
from nba_backfill_tests.bigquery_double.faults import (
    DROPPED_AFTER,
    DROPPED_BEFORE,
    SLOW,
    Calls,
    Fault,
    job_failure,
    refusal,
)
from nba_backfill_tests.bigquery_double.jobs import Job, Jobs
from nba_backfill_tests.bigquery_double.store import Store
from nba_backfill_tests.bigquery_double.values import rows_of

PAGE = 20_000
THREADS = 200


class DroppedError(Exception):
    """The connection is to be cut instead of an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes
    failure: ServiceError | None = None

    @property
    def body(self) -> dict:
        """The JSON it carries."""
        return json.loads(self.content) if self.content else {}


class Service:
    """What each path does. ``buffered_seconds``: how long streamed rows stay in their buffer."""

    def __init__(self, store: Store, *, buffered_seconds: float = 5400.0) -> None:
        self.store = store
        self.jobs = Jobs(store)
        self.calls = Calls()
        self.buffered_seconds = buffered_seconds
        self._uploads: dict[str, tuple[dict, bytearray]] = {}
        base = r"/bigquery/v2/projects/[^/]+"
        self._routes: list[tuple[str, re.Pattern, str, Callable]] = [
            ("POST", re.compile(rf"^{base}/queries$"), "jobs.query", self._jobs_query),
            ("GET", re.compile(rf"^{base}/queries/([^/]+)$"), "jobs.getQueryResults", self._results),
            ("POST", re.compile(rf"^{base}/jobs$"), "jobs.insert", self._jobs_insert),
            ("GET", re.compile(rf"^{base}/jobs/([^/]+)$"), "jobs.get", self._jobs_get),
            ("POST", re.compile(rf"^{base}/jobs/([^/]+)/cancel$"), "jobs.cancel", self._cancel),
            ("POST", re.compile(rf"^/upload{base}/jobs$"), "jobs.upload", self._upload),
            ("PUT", re.compile(rf"^/upload{base}/jobs$"), "jobs.upload", self._upload_part),
            ("GET", re.compile(rf"^{base}/datasets$"), "datasets.list", self._datasets),
            ("POST", re.compile(rf"^{base}/datasets$"), "datasets.insert", self._dataset_insert),
            ("GET", re.compile(rf"^{base}/datasets/([^/]+)$"), "datasets.get", self._dataset),
            ("PATCH", re.compile(rf"^{base}/datasets/([^/]+)$"), "datasets.patch", self._dataset_patch),
            ("DELETE", re.compile(rf"^{base}/datasets/([^/]+)$"), "datasets.delete", self._dataset_delete),
            ("GET", re.compile(rf"^{base}/datasets/([^/]+)/tables$"), "tables.list", self._tables),
            ("POST", re.compile(rf"^{base}/datasets/([^/]+)/tables$"), "tables.insert", self._table_insert),
            ("GET", re.compile(rf"^{base}/datasets/([^/]+)/tables/([^/]+)$"), "tables.get", self._table),
            ("PATCH", re.compile(rf"^{base}/datasets/([^/]+)/tables/([^/]+)$"), "tables.patch", self._table_patch),
            ("PUT", re.compile(rf"^{base}/datasets/([^/]+)/tables/([^/]+)$"), "tables.update", self._table_patch),
            ("DELETE", re.compile(rf"^{base}/datasets/([^/]+)/tables/([^/]+)$"), "tables.delete", self._table_delete),
            ("GET", re.compile(rf"^{base}/datasets/([^/]+)/tables/([^/]+)/data$"), "tabledata.list", self._data),
            ("POST", re.compile(rf"^{base}/datasets/([^/]+)/tables/([^/]+)/insertAll$"), "tabledata.insertAll", self._stream),
        ]  # fmt: skip

    def answer(self, path: str, call: Call) -> Response:
        """Answer one request, or raise DroppedError."""
        path = re.sub(r"^/bigquery/v2/bigquery/v2", "/bigquery/v2", path)
        if path.startswith("/double/"):
            return JSONResponse(self._control(path.removeprefix("/double/"), call))
        for method, pattern, kind, act in self._routes:
            if method == call.method and (found := pattern.match(path)):
                return self._faulty(kind, act, found.groups(), call)
        error = ServiceError("notFound", f"the double has no {call.method} {path}")
        return JSONResponse(error.as_body(), status_code=404)

    def _faulty(self, kind: str, act: Callable, names: tuple[str, ...], call: Call) -> Response:
        fault = self.calls.arrived(kind)
        if fault is not None:
            if fault.error == DROPPED_BEFORE:
                raise DroppedError
            if fault.error == SLOW:
                time.sleep(fault.seconds)
            if refused := refusal(fault):
                return JSONResponse(refused.as_body(), status_code=refused.code)
        failure = job_failure(fault, kind)
        call = Call(call.method, call.query, call.headers, call.content, failure)
        try:
            answer = act(*names, call)
        except ServiceError as error:
            answer = JSONResponse(error.as_body(), status_code=error.code)
        if fault is not None and fault.error == DROPPED_AFTER:
            self._finish_what_started(kind, call)
            raise DroppedError
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    def _finish_what_started(self, kind: str, call: Call) -> None:
        """A lost answer is lost after the job it started has run."""
        if kind == "jobs.insert":
            job = self.jobs.known.get(call.body.get("jobReference", {}).get("jobId"))
            if job is not None:
                job.done.wait(60)

    # Jobs

    def _jobs_insert(self, call: Call) -> dict:
        body = call.body
        job = self.jobs.start(body.get("jobReference", {}), body["configuration"], call.failure)
        return job.resource(self.store.project)

    def _jobs_get(self, job_id: str, call: Call) -> dict:
        return self.jobs.get(job_id, call.query.get("location")).resource(self.store.project)

    def _cancel(self, job_id: str, call: Call) -> dict:
        found = self.jobs.get(job_id, call.query.get("location"))
        return {"kind": "bigquery#jobCancelResponse", "job": found.resource(self.store.project)}

    def _jobs_query(self, call: Call) -> dict:
        body = call.body
        query = {
            k: body[k] for k in ("query", "queryParameters", "maximumBytesBilled") if k in body
        }
        configuration = {"query": query, "labels": body.get("labels", {})}
        if body.get("dryRun"):
            configuration["dryRun"] = True
        reference = {"location": body.get("location")}
        job = self.jobs.start(reference, configuration, call.failure)
        job.done.wait(float(body.get("timeoutMs") or 10_000) / 1000)
        return self._page(job, 0, body.get("maxResults"))

    def _results(self, job_id: str, call: Call) -> dict:
        job = self.jobs.get(job_id, call.query.get("location"))
        job.done.wait(float(call.query.get("timeoutMs") or 10_000) / 1000)
        return self._page(job, int(call.query.get("pageToken") or 0), call.query.get("maxResults"))

    def _page(self, job: Job, start: int, most: str | int | None) -> dict:
        answer = {
            "kind": "bigquery#queryResponse",
            "jobComplete": job.done.is_set(),
            "jobReference": {
                "projectId": self.store.project,
                "jobId": job.job_id,
                "location": job.location,
            },
        }
        if not job.done.is_set():
            return answer
        if job.error is not None:
            raise job.error
        answer |= {"totalBytesProcessed": str(job.processed), "totalBytesBilled": str(job.billed)}
        if job.affected is not None:
            answer["numDmlAffectedRows"] = str(job.affected)
        if job.rows is None:
            return answer
        size = PAGE if most is None else min(int(most), PAGE)
        page = job.rows[start : start + size]
        answer |= {
            "schema": {"fields": job.fields},
            "totalRows": str(len(job.rows)),
        }
        # An answer without rows has no such key; the client then asks for them.
        answer |= {"rows": rows_of(page, job.fields)} if page else {}
        if start + size < len(job.rows) and size:
            answer["pageToken"] = str(start + size)
        return answer

    def _upload(self, call: Call) -> Response | dict:
        if call.query.get("uploadType") == "resumable":
            name = uuid4().hex
            self._uploads[name] = (call.body, bytearray())
            host = call.headers["host"]
            where = f"http://{host}/upload/bigquery/v2/projects/{self.store.project}/jobs"
            return Response(headers={"location": f"{where}?uploadType=resumable&upload_id={name}"})
        head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
        body, content = BytesParser().parsebytes(head + call.content).get_payload()
        resource = json.loads(body.get_payload(decode=True))
        return self._loaded(resource, content.get_payload(decode=True), call)

    def _upload_part(self, call: Call) -> Response | dict:
        resource, received = self._uploads[call.query["upload_id"]]
        found = re.match(r"bytes (\d+|\*)-?(\d*)/(\d+|\*)", call.headers["content-range"])
        start, _, total = found.groups()
        if start != "*":
            del received[int(start) :]
            received += call.content
        if total == "*" or len(received) < int(total):
            return Response(
                status_code=308, headers={"range": f"bytes=0-{max(len(received) - 1, 0)}"}
            )
        return self._loaded(resource, bytes(received), call)

    def _loaded(self, resource: dict, content: bytes, call: Call) -> dict:
        reference = resource.get("jobReference", {})
        job = self.jobs.start(reference, resource["configuration"], call.failure, content)
        return job.resource(self.store.project)

    # Datasets and tables

    def _datasets(self, call: Call) -> dict:
        return {"datasets": [dict(d) for d in self.store.datasets.values()]}

    def _dataset_insert(self, call: Call) -> dict:
        return self.store.create_dataset(call.body)

    def _dataset(self, name: str, call: Call) -> dict:
        return self.store.dataset(name)

    def _dataset_patch(self, name: str, call: Call) -> dict:
        return self.store.patch_dataset(name, call.body)

    def _dataset_delete(self, name: str, call: Call) -> Response:
        self.store.delete_dataset(name, contents=call.query.get("deleteContents") == "true")
        return Response(status_code=204)

    def _tables(self, dataset: str, call: Call) -> dict:
        self.store.dataset(dataset)
        return {"tables": [t for key, t in self.store.tables.items() if key[0] == dataset]}

    def _table_insert(self, dataset: str, call: Call) -> dict:
        return self.store.create_table(call.body)

    def _table(self, dataset: str, name: str, call: Call) -> dict:
        return self.store.table((dataset, name))

    def _table_patch(self, dataset: str, name: str, call: Call) -> dict:
        return self.store.patch_table((dataset, name), call.body)

    def _table_delete(self, dataset: str, name: str, call: Call) -> Response:
        self.store.delete_table((dataset, name))
        return Response(status_code=204)

    def _data(self, dataset: str, name: str, call: Call) -> dict:
        fields = self.store.table((dataset, name))["schema"]["fields"]
        found = self.store.cursor().execute(f'SELECT * FROM "{dataset}"."{name}"').fetchall()
        start = int(call.query.get("pageToken") or 0)
        page = found[start : start + int(call.query.get("maxResults") or PAGE)]
        more = {"pageToken": str(start + len(page))} if start + len(page) < len(found) else {}
        return {"totalRows": str(len(found)), "rows": rows_of(page, fields), **more}

    def _stream(self, dataset: str, name: str, call: Call) -> dict:
        self.store.insert_rows((dataset, name), call.body["rows"], self.buffered_seconds)
        return {"kind": "bigquery#tableDataInsertAllResponse"}

    # The control room

    def _control(self, name: str, call: Call) -> dict:
        if name == "reset":
            self.calls.reset([Fault(**fault) for fault in call.body.get("faults", ())])
        elif name == "settings":
            for setting, value in call.body.items():
                owner = self if setting == "buffered_seconds" else self.jobs
                setattr(owner, setting, value)
        elif name == "flush":
            self.store.streaming.clear()
        elif name == "settle":
            for job in list(self.jobs.known.values()):
                job.done.wait(60)
        calls = self.calls
        return {"counts": dict(calls.counts), "log": calls.log, "hits": calls.hits}


def build_app(service: Service, drop: Callable[[tuple], None]) -> Starlette:
    """The ASGI application; ``drop`` cuts the connection of a client address."""

    async def endpoint(request: Request) -> Response:
        try:
            content = await request.body()
        except ClientDisconnect:
            # A client that was killed while it sent.
            return Response(status_code=400)
        if request.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        query = {k: v[-1] for k, v in parse_qs(request.url.query).items()}
        call = Call(request.method, query, dict(request.headers), content)
        try:
            return await anyio.to_thread.run_sync(service.answer, request.url.path, call)
        except DroppedError:
            drop(tuple(request.client))
            return Response(status_code=500)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", endpoint, methods=methods)])
