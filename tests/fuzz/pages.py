"""The pages that are served, as targets: what a browser, or somebody else, may send to them."""

from __future__ import annotations

import atexit
import functools
import os
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fakes import TINY_MODEL
from fuzz.places import folder, written
from hwr_edge.camera.server import LiveView
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from hwr_edge.review.server import open_server

_LONGEST = 50_000  # bytes that are sent
_MOST = 1 << 16  # bytes of an answer that are looked at
TOKEN = "a-token-of-many-letters"
_ROW = b'{"schema": 1, "image": "p.png", "text": "A", "confidence": 0.5, "box": [0, 0, 100, 50]}\n'

Known = tuple[int, str]
"""A page's port and its token."""


def requests(data: bytes) -> None:
    """Sent to the review page."""
    _ask(_review(), data)


def live(data: bytes) -> None:
    """Sent to the camera's page."""
    _ask(_live(), data)


def desk(data: bytes) -> None:
    """Sent to the desk."""
    _ask(_desk(), data)


def _ask(page: Known, data: bytes) -> None:
    """Send it, its PORT and TOKEN put in; a fault of the server's own (5xx) is what fails, and no answer at all."""
    port, token = page
    for word, value in ((b"PORT", str(port)), (b"TOKEN", token)):
        data = data.replace(word, value.encode())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as ours:
        with suppress(OSError):  # the page may hang up before it took everything
            ours.sendall(data[:_LONGEST])
            ours.shutdown(socket.SHUT_WR)
        said = b""
        with suppress(ConnectionError):
            while len(said) < _MOST and (more := ours.recv(_MOST)):
                said += more
    assert not said.startswith((b"HTTP/1.0 5", b"HTTP/1.1 5")), said[:200]


def _serve(serve: Callable[[], None]) -> None:
    threading.Thread(target=serve, daemon=True).start()


@functools.cache
def _review() -> Known:
    """A review of one row."""
    found = read_results(written(f"review-{os.getpid()}.jsonl", _ROW))
    journal = Answers(found)
    atexit.register(journal.__exit__, None, None, None)
    server, address = open_server(found, journal, 0)
    _serve(server.serve_forever)
    atexit.register(server.shutdown)
    return server.server_port, address.partition("token=")[2]


@functools.cache
def _live() -> Known:
    """A camera's page before the first frame."""
    view = LiveView("127.0.0.1:0").__enter__()
    atexit.register(view.__exit__, None, None, None)
    port = int(view.address.rpartition(":")[2].partition("/")[0])
    return port, view.address.partition("token=")[2]


@functools.cache
def _desk() -> Known:
    """A desk without batches."""
    from hwr_edge.desk.desk import make_desk  # an extra
    from hwr_edge.desk.server import make_app, open_desk

    place = Path(tempfile.mkdtemp(prefix="desk-", dir=folder()))
    found = make_desk(place, TINY_MODEL)
    server, _ = open_desk(make_app(found, TOKEN), "127.0.0.1", 0)
    found.queue.__enter__()
    atexit.register(found.queue.__exit__, None, None, None)
    _serve(server.serve_forever)
    atexit.register(server.shutdown)
    return server.server_port, TOKEN
