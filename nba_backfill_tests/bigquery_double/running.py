"""Running the double: in a thread of this process, or as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import anyio.to_thread
import uvicorn
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from uvicorn.protocols.http.h11_impl import H11Protocol

from nba_backfill_tests.bigquery_double.app import THREADS, Service, build_app
from nba_backfill_tests.bigquery_double.faults import Fault
from nba_backfill_tests.bigquery_double.store import Store

PROJECT = "double-project"


def client_of(url: str, *, location: str | None = None) -> bigquery.Client:
    """The real client library, talking to a double."""
    return bigquery.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=url),
        location=location,
    )


class _Server:
    """uvicorn on a free port, with connections that can be cut."""

    def __init__(self, service: Service) -> None:
        self._open: dict[tuple, asyncio.Transport] = {}
        opened = self._open

        class Protocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:
                opened[tuple(transport.get_extra_info("peername")[:2])] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                opened.pop(tuple(self.transport.get_extra_info("peername")[:2]), None)
                super().connection_lost(exc)

        app = build_app(service, lambda address: opened[tuple(address)].abort())
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, http=Protocol, log_level="error", lifespan="off"
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until told to stop."""

        async def serve() -> None:
            anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
            await self._server.serve()

        asyncio.run(serve())

    def port(self) -> int:
        """The port, once it is served."""
        while not self._server.started:
            time.sleep(0.005)
        return self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """End serving."""
        self._server.should_exit = True


class Control:
    """Faults and counts of a double, wherever it runs; ``url`` is where clients find it."""

    url: str

    def client(self, *, location: str | None = None) -> bigquery.Client:
        """The real client library, talking to this double."""
        return client_of(self.url, location=location)

    def _ask(self, name: str, body: dict | None = None) -> dict:
        data = json.dumps(body or {}).encode()
        asked = urllib.request.Request(f"{self.url}/double/{name}", data=data, method="POST")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def reset(self, *faults: Fault) -> None:
        """Count calls from zero, with these faults to come."""
        self._ask("reset", {"faults": [fault.as_json() for fault in faults]})

    def set(self, **settings: float) -> None:
        """Settings: ``buffered_seconds``, ``most_partitions``, ``pause`` in transactions."""
        self._ask("settings", settings)

    def flush(self) -> None:
        """Empty all streaming buffers."""
        self._ask("flush")

    def settle(self) -> None:
        """Wait until no job runs: those of a client that was killed go on without it."""
        self._ask("settle")

    def counts(self) -> dict[str, int]:
        """API calls by kind since the last reset."""
        return self._ask("counts")["counts"]

    def log(self) -> list[str]:
        """Kinds of all calls since the last reset, in order."""
        return self._ask("counts")["log"]

    def hits(self) -> list[str]:
        """Faults that were met since the last reset."""
        return self._ask("counts")["hits"]


class Double(Control):
    """The double in a thread; a context manager. ``path``: a DuckDB file that keeps the state."""

    def __init__(self, path: Path | None = None) -> None:
        self.service = Service(Store(PROJECT, path))
        self._server = _Server(self.service)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Double:
        """Serve."""
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.port()}"
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._server.stop()
        self._thread.join(10)
        self.service.store.connection.close()


class DoubleProcess(Control):
    """The double as a process of its own, which outlives clients that are killed."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def __enter__(self) -> DoubleProcess:
        """Start it and wait until it serves."""
        self._folder = tempfile.TemporaryDirectory()
        port = Path(self._folder.name) / "port"
        state = ["--state", str(self._path)] if self._path else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", __package__, "--port-file", str(port), *state],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        deadline = time.monotonic() + 60
        while not port.exists() or not port.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the double did not start")
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{port.read_text()}"
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        self._folder.cleanup()


def serve_forever(port_file: Path, path: Path | None) -> None:
    """Serve in this process, writing the port where whoever started it looks."""
    server = _Server(Service(Store(PROJECT, path)))

    def tell() -> None:
        beside = port_file.with_suffix(".new")
        beside.write_text(str(server.port()))
        beside.replace(port_file)

    threading.Thread(target=tell, daemon=True).start()
    server.run()
