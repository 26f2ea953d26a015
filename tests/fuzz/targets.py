"""Each parser as a function of bytes: it returns, or raises an error that its user is meant to see.

A target has a folder of that name in corpus/, with small files that were made for it, or found.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hwr_edge.errors import DataError, HwrError, ImageError, ModelError
from hwr_edge.form.template import read_form
from hwr_edge.image.decode import decode_grey
from hwr_edge.image.document import Document
from hwr_edge.image.headers import kind_of, read_header, tiff_pages
from hwr_edge.line.card import read_card
from hwr_edge.line.name_model import NameModel
from hwr_edge.results.growing import options_beside
from hwr_edge.results.resume import read_before
from hwr_edge.results.roster_file import read_roster
from hwr_edge.results.tables import CSV_KEYS
from hwr_edge.review.answers import Answers, read_events
from hwr_edge.review.results import read_results
from hwr_edge.review.server import open_server

Target = Callable[[bytes], None]


@functools.cache
def folder() -> Path:
    """A folder for what is read from a disk, gone at the end."""
    made = Path(tempfile.mkdtemp(prefix="hwr-edge-fuzz-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    cv2.imwrite(str(made / "p.png"), np.full((50, 100), 255, np.uint8))
    return made


def written(name: str, data: bytes) -> Path:
    """A file of that name."""
    path = folder() / name
    path.write_bytes(data)
    return path


def headers(data: bytes) -> None:
    """What an image says of itself."""
    kind_of(data[:12])
    for parse in (read_header, tiff_pages):
        with suppress(ValueError):
            parse(data)


def images(data: bytes) -> None:
    """An image's pixels."""
    with suppress(ImageError, MemoryError):
        grey = decode_grey(data, "x")
        assert grey.ndim == 2
        assert grey.dtype == np.uint8


def documents(data: bytes) -> None:
    """The pages of a file."""
    with suppress(ImageError, MemoryError):
        document = Document(str(written("document", data)))
        for page in range(1, min(document.pages, 3) + 1):
            assert document.grey(page).ndim == 2


def card(data: bytes) -> None:
    """A model's card: one that is read belongs to the model in front of it."""
    with suppress(ModelError):
        read_card(written("m.tflite", data))


def name_model(data: bytes) -> None:
    """A table of how names are spelt, and a look into it."""
    with suppress(ModelError):
        found = NameModel.load(written("m.npz", data))
        assert len(found.row(found.start)) == len(found.letters) + 1


def rosters(data: bytes) -> None:
    """A list of names, as text and as a table."""
    for name in ("roster.txt", "roster.csv"):
        with suppress(DataError):
            assert all(read_roster(written(name, data)))


def templates(data: bytes) -> None:
    """A form's template."""
    folder()
    with suppress(DataError):
        assert read_form(written("form.toml", data)).fields


def results(data: bytes) -> None:
    """Results to review."""
    with suppress(DataError):
        found = read_results(written("results.jsonl", data))
        assert sorted(found.order()) == list(range(len(found.rows)))


def answers(data: bytes) -> None:
    """The journal of a review."""
    with suppress(DataError):
        read_events(data, "0" * 64, 3, Path("answers"))


def drafts(data: bytes) -> None:
    """The rows of an interrupted run."""
    for layout, columns in (("jsonl", ()), ("text", ()), ("csv", CSV_KEYS)):
        part = written("rows.part", data)
        options_beside(part).write_text("options")
        with suppress(HwrError):
            read_before(part, "options", layout, columns)


@functools.cache
def _server() -> Any:
    """A review page that a thread serves."""
    row = (
        b'{"schema": 1, "image": "p.png", "text": "A", "confidence": 0.5, "box": [0, 0, 100, 50]}\n'
    )
    found = read_results(written("review.jsonl", row))
    journal = Answers(found)
    atexit.register(journal.__exit__, None, None, None)
    server, _ = open_server(found, journal, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    atexit.register(server.shutdown)
    return server


def requests(data: bytes) -> None:
    """What a browser, or somebody else, sends to the review page."""
    server = _server()
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as ours:
        with suppress(OSError):  # the page may hang up before it took everything
            ours.sendall(data[:50_000].replace(b"PORT", str(server.server_port).encode()))
            ours.shutdown(socket.SHUT_WR)
        said = b""
        with suppress(ConnectionError):
            while len(said) < 1 << 16 and (more := ours.recv(1 << 16)):
                said += more
    assert not said.startswith((b"HTTP/1.0 5", b"HTTP/1.1 5")), said[:200]


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        headers,
        images,
        documents,
        card,
        name_model,
        rosters,
        templates,
        results,
        answers,
        drafts,
        requests,
    )
}
