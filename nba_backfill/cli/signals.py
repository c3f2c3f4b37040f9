"""Which signal asked a command to stop, whoever handled it.

Dagster takes the handlers while a job runs and forgets which signal it was, and DuckDB makes an
error like any other of one that arrives inside a statement. The interpreter's wakeup descriptor is
told of every signal whatever becomes of it.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from types import FrameType

STOPPING = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
_ears: list[socket.socket] = []
_heard: list[int] = []


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """Remember SIGINT and SIGTERM, and let both raise KeyboardInterrupt where nobody else acts."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    ear, mouth = socket.socketpair()
    ear.setblocking(False)
    mouth.setblocking(False)
    before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _interrupt) for number in STOPPING}
    _heard.clear()
    _ears.append(ear)
    try:
        yield
    finally:
        _ears.remove(ear)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        ear.close()
        mouth.close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def heard() -> signal.Signals | None:
    """The first signal that asked this command to stop, or None."""
    for ear in _ears:
        with contextlib.suppress(BlockingIOError):
            _heard.extend(ear.recv(1024))
    return next((signal.Signals(n) for n in _heard if n in STOPPING), None)
